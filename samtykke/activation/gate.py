"""What the exit gate of the last dbt build decided, as the export reads it. Nothing here decides anything."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import duckdb

from samtykke.activation.destinations import DestinationSpec, destination
from samtykke.settings import ConfigurationError

# The seeds that decide what is permitted: their content is the consent policy.
POLICY_SEEDS = (
    "purposes", "channels", "recipients", "consent_sources", "consent_actions", "allowed_bases",
    "digital_consent_ages", "suppression_lists", "email_signals", "bot_user_agents",
)  # fmt: skip


class StaleGateError(RuntimeError):
    """The audiences in the warehouse do not answer for this moment and all consent known: nothing may leave."""


@dataclass(frozen=True)
class Recipient:
    """A row of the seed ``recipients``, with the destination its files are made by."""

    name: str
    purpose: str
    spec: DestinationSpec


def check(connection: duckdb.DuckDBPyConnection, as_of: datetime, recipients: Collection[str] | None = None) -> None:
    """Refuse audiences of another moment, or older than the newest consent, suppression or erasure.

    A build that was killed half way leaves tables of two generations; the gate's own row is built last.

    Args:
        connection: A home's.
        as_of: The moment that they must answer for, UTC.
        recipients: Whose audiences; None for all. Who opted out at one platform while it was delivered to makes the
            others' audiences no older.

    Raises:
        StaleGateError: As said, or nothing was built yet.
    """
    try:
        built = connection.execute(
            "select as_of, consent_events, suppressions, tombstones from activation.export_gate"
        ).fetchall()
    except duckdb.CatalogException:
        built = []
    if len(built) != 1:
        _none_built()
    built_for, consent_events, *known = built[0]
    if built_for != as_of:
        raise StaleGateError(f"the audiences were built for {built_for} UTC, not for {as_of}; run the models first")
    now = connection.execute("""
        select (select count(*) from raw.suppressions), (select count(*) from ledger.tombstones)
    """).fetchone()
    if tuple(known) != now or _has_other_consent(connection, consent_events, recipients):
        raise StaleGateError("consent, suppressions or erasures came in after the audiences were built; run them again")


def check_age(connection: duckdb.DuckDBPyConnection, hours: float, now: datetime) -> None:
    """Refuse to deliver on consent that nobody has delivered to us for long: its feed may have died in silence.

    Args:
        connection: A home's.
        hours: How long is too long.
        now: Our clock, UTC.

    Raises:
        StaleGateError: As said.
    """
    (loaded_at,) = connection.execute("""
        select max(files.loaded_at) from raw.files
        inner join raw.file_entities as entities on files.file_id = entities.file_id
        where entities.entity = 'consent_events' and files.status in ('loaded', 'duplicate')
    """).fetchone()
    if loaded_at is None or loaded_at < now - timedelta(hours=hours):
        since = f"since {loaded_at:%Y-%m-%d %H:%M} UTC" if loaded_at else "yet"
        raise StaleGateError(f"no consent file was loaded {since}, longer than SAMTYKKE_CONSENT_MAX_AGE_HOURS allows")


def _has_other_consent(connection: duckdb.DuckDBPyConnection, built: int, recipients: Collection[str] | None) -> bool:
    """Tell whether the ledger is not the one that the audiences were built from, as far as it is about them."""
    newest, told_elsewhere = connection.execute(
        """
        select coalesce(max(seq), 0), coalesce(list(distinct recipient) filter (method = 'platform_opt_out'), []),
        from ledger.consent_events
        where seq > $1
        having bool_and(method is not distinct from 'platform_opt_out' and recipient is not null)
        """,
        [built],
    ).fetchone() or (None, [])
    if newest is None or recipients is None or not told_elsewhere:
        (last,) = connection.execute("select coalesce(max(seq), 0) from ledger.consent_events").fetchone()
        return last != built
    named = connection.execute(
        """
        select coalesce(permission_recipient, recipient) from reference.recipients
        where list_contains($1::varchar[], recipient)
        """,
        [list(recipients)],
    ).fetchall()
    return not {name for (name,) in named}.isdisjoint(told_elsewhere)


def recipients(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the declared recipients."""
    return {name for (name,) in connection.execute("select recipient from reference.recipients").fetchall()}


def recipient(connection: duckdb.DuckDBPyConnection, name: str) -> Recipient:
    """Return a declared recipient.

    Raises:
        ConfigurationError: It is declared no more, or names an unknown format, or identifier kinds that its format
            does not take.
    """
    stored = connection.execute(
        "select purpose, export_format, identifier_kinds from reference.recipients where recipient = $1", [name]
    ).fetchone()
    if stored is None:
        raise ConfigurationError(
            f"{name} is declared no more as a recipient; if it holds people, declare it until they are taken back"
        )
    purpose, export_format, kinds = stored
    try:
        spec = destination(export_format)
    except ValueError as problem:
        raise ConfigurationError(f"recipient {name}: {problem}") from None
    if foreign := set(kinds.split(";")) - set(spec.identifier_kinds):
        raise ConfigurationError(f"recipient {name}: format {export_format} does not take {', '.join(sorted(foreign))}")
    return Recipient(name, purpose, spec)


def refresh_hours(connection: duckdb.DuckDBPyConnection, recipient: str, kept_days: int | None = None) -> int | None:
    """Return after how many hours a row must be sent again, before the platform forgets it; None if it never does.

    The days of the platform (``kept_days``) or of the recipient, whichever are fewer, less the lead of the seed
    ``obligation_deadlines``, which is never more than half of them.
    """
    kept_hours, lead_hours = connection.execute(
        """
        select 24 * least(ttl_days, $2) as kept_hours, coalesce(
            (
                select arg_min(lead_hours, recipient = '*') from reference.obligation_deadlines
                where duty = 'refresh' and recipient in ($1, '*')
            ), 0
        ) as lead_hours,
        from reference.recipients where recipient = $1
        """,
        [recipient, kept_days],
    ).fetchone()
    return None if kept_hours is None else kept_hours - min(lead_hours, kept_hours // 2)


def audiences(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Return the declared (recipient, segment) pairs."""
    return set(connection.execute("select recipient, segment from reference.audiences").fetchall())


def excluded(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Counter[str]]:
    """Return how many people of each audience's segment are not sent, by reason; nothing where no mart tells."""
    try:
        stored = connection.execute("""
            select recipient, segment, reason, dropped from activation.audience_step_counts
            where dropped > 0 and reason <> 'not_in_segment'
        """).fetchall()
    except duckdb.CatalogException:
        return {}
    found: dict[tuple[str, str], Counter[str]] = {}
    for recipient, segment, reason, people in stored:
        found.setdefault((recipient, segment), Counter())[reason] = people
    return found


def built_for(connection: duckdb.DuckDBPyConnection) -> datetime:
    """Return the moment that the audiences in the warehouse answer for, UTC.

    Raises:
        StaleGateError: Nothing was built yet.
    """
    try:
        return connection.execute("select max(as_of) from activation.export_gate").fetchone()[0] or _none_built()
    except duckdb.CatalogException:
        _none_built()


def min_matched(connection: duckdb.DuckDBPyConnection, recipient: str) -> int:
    """Return how many people must match before a recipient shows anybody an advertisement."""
    found = connection.execute("select minimum_matched from reference.recipients where recipient = $1", [recipient])
    return found.fetchone()[0] or 1


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


def _none_built() -> NoReturn:
    raise StaleGateError("no audiences have been built; run the models first")
