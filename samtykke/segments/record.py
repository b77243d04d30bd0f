"""Write what the segments declare to where the models read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from samtykke.segments.compiled import compiler_of
from samtykke.segments.properties import SegmentProperties, read_properties
from samtykke.settings import Settings
from samtykke.storage.connect import open_home

PROPERTIES, DESTINATIONS = "lineage.segment_properties", "lineage.segment_destinations"


def refresh_segment_properties(settings: Settings) -> list[SegmentProperties]:
    """Read every segment's declaration and write it to ``lineage``.

    Args:
        settings: Whose home and project.

    Raises:
        samtykke.segments.located.DefinitionError: Some declaration is wrong, or compiled SQL is not what its tree
            compiles to; what was written before stays.
    """
    declared = read_properties(settings.project)
    compiler_of(settings.project, declared).check()
    with open_home(settings) as connection:
        connection.execute("begin")
        _replace(connection, PROPERTIES, property_rows(declared))
        _replace(connection, DESTINATIONS, destination_rows(declared))
        connection.execute("commit")
    return declared


def property_rows(declared: Iterable[SegmentProperties]) -> list[tuple]:
    """Rows of ``lineage.segment_properties``."""
    return [
        (
            item.segment, item.title, item.owner, item.why, item.ttl_days, item.priority, item.exclusive_group,
            item.holdout_share, item.holdout_salt or item.segment, item.cap_count, item.cap_days,
            item.hold_below_floor, item.minimum_size, item.maximum_daily_change, item.who is not None, item.renewed_on,
        )
        for item in declared
    ]  # fmt: skip


def destination_rows(declared: Iterable[SegmentProperties]) -> list[tuple]:
    """Rows of ``lineage.segment_destinations``."""
    return [(item.segment, recipient) for item in declared for recipient in item.destinations]


def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple]) -> None:
    connection.execute(f"delete from {table}")
    if rows:
        places = ", ".join("?" for _ in rows[0])
        connection.executemany(f"insert into {table} values ({places})", rows)
