"""What is published, in numbers: read by SQL from the published marts, so it works while a run writes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from samtykke.publish import marts_file
from samtykke.settings import Settings


@dataclass(frozen=True)
class Layer:
    """One layer of the warehouse: its tables and all their rows."""

    name: str
    tables: int
    rows: int


@dataclass(frozen=True)
class Intake:
    """One entity's records over all its files."""

    entity: str
    files: int
    rows_in: int
    rows_staged: int
    rows_quarantined: int


@dataclass(frozen=True)
class Quarantined:
    """Records that were not staged, by entity and reason."""

    entity: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Permitted:
    """How many identifiers and people may be used or contacted for a purpose."""

    purpose: str
    channel: str | None
    recipient: str | None
    people: int
    identifiers: int


@dataclass(frozen=True)
class Oversight:
    """What needs somebody's attention.

    Attributes:
        overdue: Obligations not met by their due time.
        open: Obligations not met and not yet due.
        stale_lists: Suppression lists that are too old and close their channel.
        expiring_people: People of whom some permission ends soon.
    """

    overdue: int
    open: int
    stale_lists: int
    expiring_people: int


@dataclass(frozen=True)
class Step:
    """One step of an audience's waterfall."""

    step: str
    people: int


@dataclass(frozen=True)
class Audience:
    """One audience: from everybody known to who is in the recipient's file."""

    recipient: str
    segment: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Summary:
    """Everything the summary tables show."""

    as_of: str
    people: int
    layers: tuple[Layer, ...]
    intake: tuple[Intake, ...]
    quarantine: tuple[Quarantined, ...]
    permissions: tuple[Permitted, ...]
    oversight: Oversight | None
    audiences: tuple[Audience, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_summary(settings: Settings) -> Summary | None:
    """Read the summary of what is published; None when nothing is."""
    file = marts_file(settings)
    if not file.exists():
        return None
    manifest = json.loads((settings.published / "manifest.json").read_text())
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set schema = 'marts'; set TimeZone = 'UTC'")
        return Summary(
            as_of=manifest["as_of"],
            people=connection.execute("select count(*) from customer_profile").fetchone()[0],
            layers=tuple(Layer(**layer) for layer in manifest["layers"]),
            intake=tuple(Intake(*row) for row in _intake(connection)),
            quarantine=tuple(Quarantined(*row) for row in _quarantine(connection)),
            permissions=tuple(Permitted(*row) for row in _permissions(connection)),
            oversight=_oversight(connection),
            audiences=tuple(_audiences(connection)),
        )


def _intake(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("""
        select entity, count(distinct path), sum(rows_in)::bigint, sum(rows_staged)::bigint,
            sum(rows_quarantined)::bigint
        from load_summary where status = 'loaded' group by entity order by entity
    """).fetchall()


def _quarantine(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("""
        select entity, reason, sum(rows)::bigint
        from quarantine_summary where status = 'loaded'
        group by entity, reason order by entity, sum(rows) desc, reason
    """).fetchall()


def _permissions(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("""
        select purpose, channel, recipient, count(distinct person_id) filter (is_permitted),
            count(distinct identifier_key) filter (is_permitted)
        from consent_permissions group by purpose, channel, recipient
        having count(*) filter (is_permitted) > 0 order by purpose, channel nulls first, recipient nulls first
    """).fetchall()


def _oversight(connection: duckdb.DuckDBPyConnection) -> Oversight | None:
    try:
        row = connection.execute("""
            select
                (select count(*) from obligations where status = 'overdue'),
                (select count(*) from obligations where status = 'open'),
                (select count(distinct list_id) from consent_lists where is_stale),
                (select count(distinct person_id) from consent_expiring)
        """).fetchone()
    except duckdb.CatalogException:  # published before these marts existed
        return None
    return Oversight(*row)


def _audiences(connection: duckdb.DuckDBPyConnection) -> Iterable[Audience]:
    rows = connection.execute("""
        select recipient, segment, list({'step': step, 'people': people} order by step_number)
        from audience_waterfall where step not in ('valid', 'reported', 'matched') -- the recipient's word, not ours
        group by recipient, segment order by recipient, segment
    """).fetchall()
    for recipient, segment, steps in rows:
        yield Audience(recipient, segment, tuple(Step(**step) for step in steps))
