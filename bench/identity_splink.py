"""Plain Splink on the same records: its library comparisons, blocking on every identifier, closure at a threshold.

Settings as in Splink's own tutorial for people with e-mail addresses (splink.github.io, "Deduplication of fake_1000"),
with the other identifiers as exact matches; u by random sampling with a seed, m by expectation maximisation.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from bench.identity_figures import Figures, figures

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
    "person",
)
_IDENTIFIERS = ("crm_id", "email", "phone", "handle", "cookie")
THRESHOLDS = (0.02, 0.1, 0.5, 0.8, 0.95, 0.99)


def resolve(rows: Iterable[tuple[object, ...]]) -> tuple[dict[float, Figures], float]:
    """Return the figures per threshold, and the CPU seconds of training, scoring and one clustering."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as library

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
