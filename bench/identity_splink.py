"""Plain Splink on the same records: its library comparisons, blocking on every identifier, closure at a threshold.

Settings as in Splink's own tutorial for people with e-mail addresses (splink.github.io, "Deduplication of fake_1000"),
with the other identifiers as exact matches; u by random sampling with a seed, m by expectation maximisation.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from bench.identity_figures import Figures, Resolved, figures
from bench.identity_sets import FAKE, FEBRL, HISTORICAL, PSEUDOPEOPLE
from samtykke.identity.likeness.model import quiet

_COLUMNS = (
    "unique_id",
    "entity",
    "source",
    "crm_id",
    "email",
    "phone",
    "handle",
    "cookie",
    "given",
    "last",
    "born",
    "street",
    "postal_code",
    "city",
    "person",
)
_IDENTIFIERS = ("crm_id", "email", "phone", "handle", "cookie")
THRESHOLDS = (0.02, 0.1, 0.5, 0.8, 0.95, 0.99)


def resolve(rows: Iterable[tuple[object, ...]]) -> tuple[dict[float, Figures], float]:
    """Return the figures per threshold, and the CPU seconds of training, scoring and one clustering."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as library
    from splink.internals.exceptions import EMTrainingException

    delivered: Sequence[tuple[object, ...]] = list(rows)
    connection = duckdb.connect()
    table = pa.table(dict(zip(_COLUMNS, map(list, zip(*delivered, strict=True)), strict=True)))
    connection.register("delivered", table)
    connection.execute("""
        create table truth as select unique_id, person from delivered;
        create table records as select * exclude (entity, source, person, born), born::varchar as dob from delivered
    """)
    before = time.process_time()
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            *(block_on(column) for column in _IDENTIFIERS),
            block_on("given", "last", "dob"),
        ],
        comparisons=[
            library.NameComparison("given"),
            library.NameComparison("last"),
            library.DateOfBirthComparison("dob", input_is_string=True),
            library.EmailComparison("email"),
            *(library.ExactMatch(column) for column in _IDENTIFIERS if column != "email"),
            *(library.ExactMatch(column) for column in ("street", "postal_code", "city")),
        ],
    )
    # with more rounds the m of levels that EM never sees sinks below what Splink accepts
    settings.max_iterations = 8
    linker = Linker(DuckDBAPI(connection=connection).register("records"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("crm_id"), block_on("given", "last", "dob")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for rule in (block_on("email"), block_on("given", "last"), block_on("phone")):
        # what a set shows too little of sinks all the same: that session teaches nothing, the others do
        with contextlib.suppress(ValueError, EMTrainingException):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    found, cpu = {}, 0.0
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=threshold
        )
        cpu = cpu or time.process_time() - before
        found[threshold] = figures(
            connection,
            f"select t.unique_id as number, t.person, c.cluster_id::varchar as cluster from truth as t "
            f"inner join {clusters.physical_name} as c on t.unique_id = c.unique_id",
        )
    return found, round(cpu, 2)


def documented(connection: duckdb.DuckDBPyConnection, kind: str) -> Resolved:
    """Return what plain Splink makes of a public set with the settings of its own documentation, by threshold.

    Comparisons, blocking rules, prior and training blocks of the notebooks febrl3, the tutorial (fake_1000),
    deduplicate_50k_synthetic (historical) and pseudopeople-acs, at moj-analytical-services/splink @e22dacdd. The last
    links a census to a survey; here its comparisons deduplicate both together, without the columns that forms lack.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    before = time.process_time()
    known = _DOCUMENTED[kind]()
    connection.execute(f"create table compared as select *, {known.added} from records")
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=known.comparisons,
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in known.blocks],
    )
    with quiet():
        linker = Linker(DuckDBAPI(connection=connection).register("compared"), settings, log_level=logging.CRITICAL)
        rules = [rule if isinstance(rule, str) else block_on(*rule) for rule in known.certain]
        linker.training.estimate_probability_two_random_records_match(rules, recall=known.recall)
        linker.training.estimate_u_using_random_sampling(max_pairs=known.max_pairs, seed=2)
        for columns in known.sessions:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*columns), estimate_without_term_frequencies=known.without_frequencies
            )
        pairs = linker.inference.predict(threshold_match_probability=0.01)
    cpu = time.process_time() - before
    found: dict[Hashable, list[tuple[object, str]]] = {}
    for threshold in (*THRESHOLDS, 0.999):
        with quiet():
            clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
                pairs, threshold_match_probability=threshold
            )
        found[threshold] = connection.execute(
            f"select unique_id, cluster_id::varchar from {clusters.physical_name}"
        ).fetchall()
    return Resolved(found, cpu)


@dataclass(frozen=True)
class _Documented:
    """Settings that Splink's documentation gives for one kind of records."""

    comparisons: Sequence[object]
    blocks: Sequence[Sequence[str]]
    certain: Sequence[str | Sequence[str]]
    recall: float
    sessions: Sequence[Sequence[str]]
    max_pairs: float = 1e6
    without_frequencies: bool = False
    added: str = "null as nothing"


def _febrl() -> _Documented:
    from splink import comparison_library as library

    return _Documented(
        comparisons=[
            library.NameComparison("given"),
            library.NameComparison("surname"),
            library.DateOfBirthComparison("born", input_is_string=True),
            library.DamerauLevenshteinAtThresholds("number", [2]),
            library.ExactMatch("house").configure(term_frequency_adjustments=True),
            library.ExactMatch("postal_code").configure(term_frequency_adjustments=True),
        ],
        blocks=[("number",), ("given",), ("surname",), ("born",), ("postal_code",)],
        certain=[
            ("number",),
            ("given", "surname", "born"),
            "l.given = r.surname and l.surname = r.given and l.born = r.born",
        ],
        recall=0.9,
        sessions=[("born",), ("postal_code",)],
    )


def _fake() -> _Documented:
    from splink import comparison_library as library

    return _Documented(
        comparisons=[
            library.NameComparison("given"),
            library.NameComparison("surname"),
            library.LevenshteinAtThresholds("born", 1),
            library.ExactMatch("city").configure(term_frequency_adjustments=True),
            library.EmailComparison("email"),
        ],
        blocks=[("given", "city"), ("surname",), ("born",)],
        certain=[("given", "born"), "l.given = r.given and levenshtein(r.surname, l.surname) <= 2", ("email",)],
        recall=0.7,
        sessions=[("given", "surname"), ("born",)],
        max_pairs=2e6,
    )


def _historical() -> _Documented:
    from splink import comparison_library as library

    area, given, surname = "substr(postal_code, 1, 3)", "substr(given, 1, 3)", "substr(surname, 1, 4)"
    return _Documented(
        comparisons=[
            library.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="both_names"),
            library.DateOfBirthComparison("born", input_is_string=True),
            library.PostcodeComparison("postal_code"),
            library.ExactMatch("city").configure(term_frequency_adjustments=True),
            library.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocks=[
            *((given, surname), ("surname", "born"), ("given", "born"), ("postal_code", "given")),
            *(("postal_code", "surname"), ("born", "city"), (area, "born"), (area, "given"), (area, "surname")),
            ("substr(given, 1, 2)", "substr(surname, 1, 2)", "substr(born, 1, 4)"),
        ],
        certain=[
            ("given", "surname", "born"),
            ("substr(given, 1, 2)", "surname", "substr(postal_code, 1, 2)"),
            ("born", "postal_code"),
        ],
        recall=0.6,
        sessions=[("given", "surname"), ("born",)],
        max_pairs=1e7,
        without_frequencies=True,
        added="given || ' ' || surname as both_names",
    )


def _pseudopeople() -> _Documented:
    from splink import comparison_library as library

    return _Documented(
        comparisons=[
            library.NameComparison("given", jaro_winkler_thresholds=[0.9]).configure(term_frequency_adjustments=True),
            library.ExactMatch("middle").configure(term_frequency_adjustments=True),
            library.NameComparison("surname", jaro_winkler_thresholds=[0.9]).configure(term_frequency_adjustments=True),
            library.DamerauLevenshteinAtThresholds("born", distance_threshold_or_thresholds=[1]),
            library.DamerauLevenshteinAtThresholds("street").configure(term_frequency_adjustments=True),
        ],
        blocks=[("given",), ("surname",), ("born",), ("street",)],
        certain=[("given", "surname", "street"), ("given", "surname", "born")],
        recall=0.6,
        sessions=[("born",), ("surname",)],
        without_frequencies=True,
    )


_DOCUMENTED = {FEBRL: _febrl, FAKE: _fake, HISTORICAL: _historical, PSEUDOPEOPLE: _pseudopeople}
