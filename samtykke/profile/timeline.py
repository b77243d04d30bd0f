"""Everything that passed between a person and the company, as the published timeline lists it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from samtykke.publish import marts_file
from samtykke.settings import Settings


@dataclass(frozen=True)
class Touch:
    """A row of mart ``person_timeline``."""

    occurred_at: datetime
    kind: str
    direction: str | None
    channel: str | None
    source: str | None
    reference: str | None
    detail: str | None
    purpose: str


def read_timeline(settings: Settings, person_id: str, *, newest: int | None = None) -> list[Touch]:
    """Return a person's published touches, the newest first.

    Args:
        settings: Whose home.
        person_id: As a profile has it.
        newest: Only so many.
    """
    with duckdb.connect(str(marts_file(settings)), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'; set schema = 'marts'")
        rows = connection.execute(
            """
            select occurred_at, kind, direction, channel, source, reference, detail, purpose
            from person_timeline where person_id = $person::uuid
            order by occurred_at desc, kind, source, reference, detail limit $newest
            """,
            {"person": person_id, "newest": newest if newest is not None else (1 << 62)},
        ).fetchall()
    return [Touch(*row) for row in rows]
