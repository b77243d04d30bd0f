"""What the exit gate of the last dbt build decided, as the export reads it. Nothing here decides anything."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import duckdb

from samtykke.activation.delta import Standing
from samtykke.activation.destinations import DestinationSpec, destination
from samtykke.activation.rows import Member

# The seeds that decide what is permitted: their content is the consent policy.
POLICY_SEEDS = (
    "purposes", "channels", "recipients", "consent_sources", "consent_actions", "allowed_bases",
    "digital_consent_ages", "suppression_lists", "email_signals",
)  # fmt: skip


class StaleGateError(RuntimeError):
    """The audiences in the warehouse do not answer for this moment and all consent known: nothing may leave."""


@dataclass(frozen=True)
class Recipient:
    """A row of the seed ``recipients``, with the destination its files are made by."""

    name: str
    purpose: str
    spec: DestinationSpec


def check(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Refuse audiences of another moment, or older than the newest consent, suppression or erasure.

    A build that was killed half way leaves tables of two generations; the gate's own row is built last.

    Raises:
        StaleGateError: As said, or nothing was built yet.
    """
    try:
        built = connection.execute("select * from activation.export_gate").fetchall()
    except duckdb.CatalogException:
        built = []
    if len(built) != 1:
        raise StaleGateError("no audiences have been built; run the models first")
    now = connection.execute("""
        select
            (select coalesce(max(seq), 0) from ledger.consent_events),
            (select count(*) from raw.suppressions),
            (select count(*) from ledger.tombstones)
    """).fetchone()
    built_for, *known = built[0]
    if built_for != as_of:
        raise StaleGateError(f"the audiences were built for {built_for} UTC, not for {as_of}; run the models first")
    if tuple(known) != now:
        raise StaleGateError("consent, suppressions or erasures came in after the audiences were built; run them again")


def recipients(connection: duckdb.DuckDBPyConnection) -> dict[str, Recipient]:
    """Return the declared recipients by name.

    Raises:
        ValueError: One names an unknown format, or identifier kinds that its format does not take.
    """
    declared = {}
    stored = connection.execute("select recipient, purpose, export_format, identifier_kinds from reference.recipients")
    for name, purpose, export_format, kinds in stored.fetchall():
        spec = destination(export_format)
        if foreign := set(kinds.split(";")) - set(spec.identifier_kinds):
            raise ValueError(f"recipient {name}: format {export_format} does not take {', '.join(sorted(foreign))}")
        declared[name] = Recipient(name, purpose, spec)
    return declared


def refresh_hours(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> int | None:
    """Return after how many hours a row must be sent again, before the platform forgets it; None if it never does.

    The recipient's days or the segment's own, whichever are fewer, less the lead of the seed ``obligation_deadlines``.
    """
    (hours,) = connection.execute(
        """
        select 24 * least(min(ttl.days), min(properties.ttl_days)) - coalesce(
            (
                select arg_min(lead_hours, recipient = '*') from reference.obligation_deadlines
                where duty = 'refresh' and recipient in ($1, '*')
            ), 0
        )
        from (select ttl_days as days from reference.recipients where recipient = $1) as ttl
        left join lineage.segment_properties as properties on properties.segment = $2
        """,
        [recipient, segment],
    ).fetchone()
    return hours


def audiences(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Return the declared (recipient, segment) pairs."""
    return set(connection.execute("select recipient, segment from reference.audiences").fetchall())


def members(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> list[Member]:
    """Return every identifier that may be sent to a recipient for a segment."""
    stored = connection.execute(
        """
        select person_id::varchar, identifier_key, identifier_kind, country, authorising_event_id
        from activation.audience_identifiers where recipient = $1 and segment = $2
        """,
        [recipient, segment],
    )
    return [Member(*row) for row in stored.fetchall()]


def standings(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> dict[str, Standing]:
    """Return whether what was sent earlier might still be sent, by identifier key."""
    stored = connection.execute(
        """
        select identifier_key, is_permitted, person_id::varchar, event_id, is_ending
        from activation.sent_standings where recipient = $1 and segment = $2
        """,
        [recipient, segment],
    )
    return {key: Standing(*rest) for key, *rest in stored.fetchall()}


def clear_values(connection: duckdb.DuckDBPyConnection, recipient: str) -> dict[str, str]:
    """Return the clear value of every identifier that a recipient holds or should hold; never to be stored."""
    stored = connection.execute(
        """
        select identifier_key, value from vault.identifiers
        where identifier_key in (
            select identifier_key from activation.audience_identifiers where recipient = $1
            union all
            select identifier_key from ledger.sent_identifiers where recipient = $1
        )
        """,
        [recipient],
    )
    return dict(stored.fetchall())


def needed_purposes(connection: duckdb.DuckDBPyConnection, segment: str) -> set[str]:
    """Return the purposes that a segment's columns need."""
    stored = connection.execute("select distinct purpose from lineage.segment_purposes where segment = $1", [segment])
    return {purpose for (purpose,) in stored.fetchall()}


def segments_without_source(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the segments that hold nobody while one of the marts they read is empty."""
    stored = connection.execute("""
        select distinct segment, split_part(column_name, '.', 1) from lineage.segment_purposes
        where segment not in (select segment from marts.segment_members)
    """)
    return {
        segment
        for segment, mart in stored.fetchall()
        if connection.execute(f'select count(*) from (select 1 from marts."{mart}" limit 1)').fetchone() == (0,)
    }


def policy_version(connection: duckdb.DuckDBPyConnection) -> str:
    """Return a digest of the consent policy: the seeds that decide what is permitted."""
    digest = hashlib.sha256()
    for name in POLICY_SEEDS:
        digest.update(f"{name}\n".encode())
        for (row,) in connection.execute(f"""
            select cast(to_json(seed) as varchar) as row from reference."{name}" as seed order by row
        """).fetchall():
            digest.update(f"{row}\n".encode())
    return digest.hexdigest()[:16]
