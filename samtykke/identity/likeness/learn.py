"""Learn the weights from a home: how the records that identifiers have made one person's resemble each other."""

from __future__ import annotations

import duckdb

from samtykke.identity.likeness.model import Model, train
from samtykke.identity.likeness.records import rules, take_features, take_permitted
from samtykke.settings import Settings
from samtykke.storage.connect import configure

# Of the pairs that are one person's, about so many share an identifier.
_SHARE_LABELLED = 0.7
_FEWEST_PAIRS = 200


class TooLittleToLearnError(ValueError):
    """Too few records are known to be one person's."""


def learn(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Model:
    """Learn from the contacts that permit being compared, with the person that identifiers make of them as label.

    Args:
        connection: With an open home, its vault, and the identity models built.
        settings: Whose home.

    Raises:
        TooLittleToLearnError: Fewer than 200 pairs are known to be one person's.
    """
    take_permitted(connection, rules(settings.project)["requires_purpose"], settings.controller)
    take_features(connection, settings.project)
    labelled = connection.execute("""
        select features.*, clusters.cluster_id as label from features
        left join (
            select record_key, cluster_id from intermediate.int_identity__records
            inner join intermediate.int_identity__record_clusters using (record_number)
        ) as clusters on features.unique_id = clusters.record_key
        order by unique_id
    """).to_arrow_table()
    with duckdb.connect() as memory:
        configure(memory, settings)
        memory.register("arrived", labelled)
        memory.execute("create table labelled as from arrived")
        (pairs,) = memory.execute(
            "select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from labelled "
            "where label is not null group by label)"
        ).fetchone() or (0,)
        if pairs < _FEWEST_PAIRS:
            raise TooLittleToLearnError(
                f"{pairs} pairs of records are known to be one person's, {_FEWEST_PAIRS} are needed to learn from"
            )
        return train(memory, "labelled", label="label", recall=_SHARE_LABELLED)
