"""Compare records by a model: pairs with their weight, and what each column added to it."""

from __future__ import annotations

import logging

import duckdb

from samtykke.identity.likeness.model import Model, quiet


class ComparingError(RuntimeError):
    """Records could not be compared; the cause is not repeated, since it may quote a value."""


def score(
    connection: duckdb.DuckDBPyConnection, model: Model, table: str, *, fresh: str | None = None, least: float = 0.0
) -> str:
    """Compare the records of a table with each other, or only with and among fresh ones.

    Args:
        connection: Where the table is.
        model: The weights.
        table: Records with ``unique_id`` and the model's columns.
        fresh: Table of further records; then pairs of two records of ``table`` are left out.
        least: Weight below which a pair is not kept.

    Returns:
        A select of record_a < record_b, match_weight (log2 of the odds that they are one person's), and evidence: a
        list of (comparison, level, bits), the columns that are not stated left out.

    Raises:
        ComparingError: Splink or the database failed.
    """
    try:
        with quiet():
            tables = _compare(connection, model, table, fresh, least)
    except Exception as error:
        raise ComparingError(f"records could not be compared ({type(error).__name__})") from None
    return " union all ".join(f"({_pairs(model, found)})" for found in tables)


def _compare(
    connection: duckdb.DuckDBPyConnection, model: Model, table: str, fresh: str | None, least: float
) -> list[str]:
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(connection=connection)
    known = api.register(table)
    linker = Linker(known, dict(model.settings), log_level=logging.CRITICAL)
    if fresh is None:
        return [linker.inference.predict(threshold_match_weight=least).physical_name]
    added = api.register(fresh)
    return [
        linker.inference.predict_between(known, added, threshold_match_weight=least).physical_name,
        linker.inference.predict_within(added, threshold_match_weight=least).physical_name,
    ]


def _pairs(model: Model, table: str) -> str:
    evidence = ", ".join(
        f"{{'comparison': '{name}', 'level': {_level(name, labels)}, 'bits': round(mw_{name}, 2)}}"
        for name, labels in model.labels.items()
    )
    return f"""
        select least(unique_id_l, unique_id_r) as record_a, greatest(unique_id_l, unique_id_r) as record_b,
            round(match_weight, 2) as match_weight,
            list_filter([{evidence}], lambda said: said.level <> 'not stated') as evidence,
        from {table}
    """


def _level(name: str, labels: dict[int, str]) -> str:
    cases = " ".join(f"when {number} then '{label}'" for number, label in labels.items())
    return f"case gamma_{name} {cases} end"
