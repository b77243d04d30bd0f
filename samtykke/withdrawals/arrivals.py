"""Which files of the drop folder may hold a withdrawal, and loading them: the same loader, the same ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from samtykke.intake import DECIDING_ENTITIES, Arrival, Watched, new_files
from samtykke.settings import Settings
from samtykke.sources.files import Delivery, deliveries, state
from samtykke.sources.load import DUPLICATE, LOADED, FileResult, load_landing
from samtykke.sources.mapping import MappingError, load_mapping


def may_decide(settings: Settings, delivery: Delivery) -> bool:
    """Tell whether a file may say something about consent: by its entity, or by what its mapping makes of it."""
    if delivery.entity in DECIDING_ENTITIES or delivery.mapping is None:
        return delivery.entity in DECIDING_ENTITIES
    try:
        mapping = load_mapping(delivery.mapping, delivery.entity, settings.project)
    except MappingError:
        return False  # the night refuses it by name
    return any(output.entity in DECIDING_ENTITIES for output in mapping.outputs)


def new_withdrawals(settings: Settings, seen: Watched, *, now: float | None = None) -> Arrival:
    """Compare the drop folder with what was seen, for files that may say something about consent.

    Args:
        settings: Whose drop folder.
        seen: What was seen before.
        now: The clock, in seconds; the time of the call by default.
    """
    arrived = new_files(settings, seen, now=now)
    deciding = {
        delivery.relative
        for delivery in deliveries(settings.drop_folder, social=False)
        if may_decide(settings, delivery)
    }
    return replace(arrived, names=tuple(name for name in arrived.names if name in deciding))


def load_withdrawals(settings: Settings) -> list[FileResult]:
    """Load the files that may say something about consent and look new; every other one waits for the night.

    A file that was loaded, has its size of then and was not changed since is not read again: the night reads it.

    Raises:
        samtykke.sources.load.LoadError: The disk or the memory is full, or a database is damaged.
    """

    def looks_new(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> bool:
        if not may_decide(settings, delivery):
            return False
        size, changed_ns = state(delivery.path)
        changed_at = datetime.fromtimestamp(changed_ns / 1e9, UTC).replace(tzinfo=None)
        known = connection.execute(
            "select 1 from raw.files where path = $1 and bytes = $2 and loaded_at > $3 and status in ($4, $5) limit 1",
            [delivery.relative, size, changed_at, LOADED, DUPLICATE],
        )
        return known.fetchone() is None

    return load_landing(settings, wanted=looks_new)
