"""Check a home's project and write what was found to the warehouse, for the gate, for BI and for an officer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from samtykke.lineage.check import Report, check_manifest
from samtykke.lineage.project import LineageError, Project
from samtykke.lineage.segments import PurposeUse
from samtykke.lineage.trace import ROWS
from samtykke.settings import Settings
from samtykke.storage.connect import open_home

_PURPOSES = ("segment", "purpose", "column_name", "sql_checksum")
_COLUMNS = ("model", "column_name", "category", "purposes", "needed_purposes", "reason", "minimum_group", "made_of")
_SEGMENT_SCHEMA = pa.schema([(name, pa.string()) for name in _PURPOSES])
_LISTS = ("purposes", "needed_purposes", "made_of")
_COLUMN_SCHEMA = pa.schema(
    [
        (name, pa.list_(pa.string()) if name in _LISTS else pa.int32() if name == "minimum_group" else pa.string())
        for name in _COLUMNS
    ]
)


def refresh_lineage(settings: Settings, manifest: Path, *, now: datetime | None = None) -> Report:
    """Check the project and write ``lineage.segment_purposes`` and ``lineage.columns``, unless it has problems.

    Args:
        settings: Whose home and project.
        manifest: dbt's ``manifest.json``; a parse is enough, nothing has to be compiled.
        now: Our clock, for ``computed_at``; what is unchanged keeps the moment it was first computed.

    Returns:
        What was found; the caller stops if there are problems.

    Raises:
        LineageError: The manifest cannot be read as a project.
    """
    report = check_home(settings, manifest)
    with open_home(settings) as connection:
        report = replace(report, problems=(*report.problems, *undescribed_columns(connection, report.project)))
        if not report.problems:
            moment = now or datetime.now(UTC).replace(tzinfo=None)
            _record(
                connection, "lineage.segment_purposes", _segment_rows(report.uses), _PURPOSES, _SEGMENT_SCHEMA, moment
            )
            _record(connection, "lineage.columns", _column_rows(report), _COLUMNS, _COLUMN_SCHEMA, moment)
    return report


def refresh_segment_purposes(settings: Settings, manifest: Path, *, now: datetime | None = None) -> list[PurposeUse]:
    """As ``refresh_lineage``, for callers that want the segments only.

    Raises:
        LineageError: The project breaks a rule; what was written before stays.
    """
    report = refresh_lineage(settings, manifest, now=now)
    if report.problems:
        raise LineageError("\n".join(report.problems))
    return list(report.uses)


def check_home(settings: Settings, manifest: Path) -> Report:
    """Check the project of a home by a manifest; unchanged models are not parsed again."""
    variables = yaml.safe_load((settings.project / "dbt_project.yml").read_text()).get("vars", {})
    return check_manifest(
        json.loads(manifest.read_bytes()), variables, settings.project, cache=settings.home / "dbt" / "lineage.json"
    )


def undescribed_columns(connection: duckdb.DuckDBPyConnection, project: Project) -> Iterator[str]:
    """Yield one sentence for every stored column of a source that has no label: nobody knows what it may serve."""
    stored: dict[str, list[str]] = {}
    for database, schema, table, column in connection.execute(
        "select database_name, schema_name, table_name, column_name from duckdb_columns() where not internal"
    ).fetchall():
        owner = database if database == "ledger" else schema
        stored.setdefault(f"{owner}.{table}", []).append(column)
    for relation in project.relations.values():
        if relation.kind == "source":
            for column in stored.get(relation.name, ()):
                if column not in relation.columns:
                    yield f"{relation.name}.{column}: is stored and has no category and purposes; label it in its YAML"


def _segment_rows(uses: Sequence[PurposeUse]) -> list[tuple[Any, ...]]:
    return [(use.segment, use.purpose, use.column_name, use.sql_checksum) for use in uses]


def _column_rows(report: Report) -> list[tuple[Any, ...]]:
    return [
        (
            known.model,
            known.column,
            known.label.category,
            sorted(known.label.purposes),
            sorted(known.needs),
            known.label.reason,
            known.label.minimum_group,
            sorted(relation if column == ROWS else f"{relation}.{column}" for relation, column in known.reads),
        )
        for known in report.columns
    ]


def _record(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: list[tuple[Any, ...]],
    names: Sequence[str],
    schema: pa.Schema,
    now: datetime,
) -> None:
    """Replace a table's rows, unless they are there already."""
    stored = connection.execute(f"select {', '.join(names)} from {table}").fetchall()
    if sorted(map(repr, stored)) == sorted(map(repr, rows)):
        return
    fresh = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)
    connection.register("lineage_rows", fresh)
    try:
        connection.execute("begin")
        connection.execute(f"delete from {table}")
        connection.execute(
            f"insert into {table} by name select *, $1::timestamp as computed_at from lineage_rows", [now]
        )
        connection.execute("commit")
    finally:
        connection.unregister("lineage_rows")
