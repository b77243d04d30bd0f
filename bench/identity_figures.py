"""How well clusters of records meet the truth: pairs inside clusters after closure, B-cubed, the largest cluster."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Figures:
    """Figures of one resolver on one set of records."""

    precision: float
    recall: float
    b3: float
    largest: int

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Resolved:
    """Clusters of records (number, cluster) by the parameter they were made with, and the CPU seconds of comparing."""

    clusters: Mapping[Hashable, list[tuple[object, str]]]
    cpu: float


def figures(connection: duckdb.DuckDBPyConnection, clusters: str) -> Figures:
    """Return the figures of a select of (number, person, cluster), one row per record.

    Pairs as in Menestrina et al., "Evaluating entity resolution results" (VLDB 2010); B-cubed as in Bagga and Baldwin
    (1998), precision and recall averaged over records, then their harmonic mean.
    """
    row = connection.execute(f"""
        with cells as (select person, cluster, count(*) as n from ({clusters}) group by all),
        sized as (
            select n, sum(n) over (partition by person) as person_size,
                sum(n) over (partition by cluster) as cluster_size,
            from cells
        ),
        pairs as (
            select
                (select sum(n * (n - 1)) from cells) as right_pairs,
                (select sum(s * (s - 1)) from (select sum(n) as s from cells group by cluster)) as found,
                (select sum(s * (s - 1)) from (select sum(n) as s from cells group by person)) as true_pairs,
        ),
        b3 as (
            select sum(n * n / cluster_size) / sum(n) as precision, sum(n * n / person_size) / sum(n) as recall,
                max(cluster_size) as largest
            from sized
        )
        select right_pairs / greatest(found, 1), right_pairs / greatest(true_pairs, 1),
            2 * precision * recall / (precision + recall), largest
        from pairs, b3
    """).fetchone()
    assert row is not None
    return Figures(float(row[0]), float(row[1]), float(row[2]), int(row[3]))
