"""The consent ledger: append what was landed, once, and prove that nothing was changed afterwards."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from samtykke.storage.chain import append_chained, first_broken_link

TABLE = "ledger.consent_events"
SIGNALS = Path(__file__).resolve().parents[2] / "seeds" / "email_signals.csv"

# What an event says. Where it came from (file, line, load) is not part of it: a replay says nothing new.
_CONTENT = (
    "source identifier_kind identifier_key purpose channel recipient action basis consent_type is_default actor"
    " method notice_id notice_version notice_locale occurred_at occurred_precision recorded_at valid_until"
    " raw_kind raw_value evidence_uri evidence_sha256"
).split()


@dataclass(frozen=True)
class AppendResult:
    """What one append did.

    Attributes:
        appended: New ledger rows, derived and revised ones included.
        derived: Of these, events derived from e-mail service signals.
        revised: Of these, events whose id was on the ledger with other content.
        known: Landed events that the ledger already held.
    """

    appended: int
    derived: int
    revised: int
    known: int


@dataclass(frozen=True)
class BrokenRow:
    """The first ledger row that is not what was appended."""

    seq: int
    event_id: str


def append_consent_events(
    connection: duckdb.DuckDBPyConnection, controller: str, *, signals: Path = SIGNALS
) -> AppendResult:
    """Append every landed consent event that the ledger does not hold yet, in one transaction.

    An e-mail service's unsubscribe, complaint or double-opt-in click is an event too; the seed says which.
    An id that comes back with other content is appended as an event of its own: a source that re-uses its ids
    must not be able to hide a withdrawal behind an old grant.

    Args:
        connection: The home's warehouse with ``ledger`` attached for writing.
        controller: Who the events were given to (``Settings.controller``).
        signals: The seed of e-mail signals.

    Raises:
        duckdb.Error: Nothing was appended.
    """
    connection.execute("begin")
    try:
        _stage(connection, controller, signals)
        landed, derived, revised, new = connection.execute("""
            select count(*), count(*) filter (is_new and raw_kind = 'email_event' and source = 'email_events'),
                count(*) filter (is_new and is_revised), count(*) filter (is_new) from consent_staged
        """).fetchone()
        appended = append_chained(
            connection,
            TABLE,
            f"""
            select case when is_revised then revision_id else event_id end as event_id,
                {", ".join(_CONTENT)}, controller, loaded_at
            from consent_staged where is_new
            """,
            order_by="loaded_at, occurred_at, event_id",
        )
        connection.execute("drop table consent_staged")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return AppendResult(appended=appended, derived=derived, revised=revised, known=landed - new)


def verify_chain(connection: duckdb.DuckDBPyConnection) -> BrokenRow | None:
    """Recompute the ledger's hash chain from its rows.

    Returns:
        The first row whose number, link or content is not what was appended; None if the chain holds.
    """
    seq = first_broken_link(connection, TABLE)
    if seq is None:
        return None
    (event_id,) = connection.execute(f"select event_id from {TABLE} where seq = $1", [seq]).fetchone()
    return BrokenRow(seq, event_id)


def _stage(connection: duckdb.DuckDBPyConnection, controller: str, signals: Path) -> None:
    """One row per distinct landed event and content: known, new, or new content under a known id."""
    columns = ", ".join(_CONTENT)
    content = ", ".join(f"{name} := {name}" for name in _CONTENT)
    connection.execute("create or replace temporary table consent_signals (event_type varchar, action varchar,"
                       " purpose varchar, channel varchar, actor varchar)")  # fmt: skip
    connection.executemany("insert into consent_signals values ($1, $2, $3, $4, $5)", _read_signals(signals))
    connection.execute(
        f"""
        create or replace temporary table consent_staged as
        with landed as (
            select event_id, {columns}, loaded_at from raw.consent_events
            union all by name
            select sha256('email_events' || chr(31) || e.event_id) as event_id, 'email_events' as source,
                'email' as identifier_kind, e.email_key as identifier_key, s.purpose, s.channel, null as recipient,
                s.action, 'consent' as basis, null as consent_type, false as is_default, s.actor,
                'email_' || e.event_type as method, null as notice_id, null as notice_version,
                null as notice_locale, e.occurred_at, 'exact' as occurred_precision, null as recorded_at,
                null as valid_until, 'email_event' as raw_kind, e.event_type as raw_value, null as evidence_uri,
                null as evidence_sha256, e.loaded_at
            from raw.email_events e inner join consent_signals s using (event_type)
        ),
        ledger_rows as (
            select event_id, sha256(cast(to_json(struct_pack({content})) as varchar)) as digest from {TABLE}
        ),
        hashed as (
            select *, sha256(cast(to_json(struct_pack({content})) as varchar)) as digest from landed
        ),
        once as (
            select * from hashed
            qualify row_number() over (partition by event_id, digest order by loaded_at) = 1
        ),
        numbered as (
            select once.*, sha256(event_id || chr(31) || digest) as revision_id,
                row_number() over (partition by event_id order by digest) as version_number
            from once
        )
        select numbered.* exclude (version_number), cast($controller as varchar) as controller,
            known.event_id is not null or version_number > 1 as is_revised,
            same.event_id is null and revised.event_id is null as is_new
        from numbered
        left join ledger_rows known on known.event_id = numbered.event_id
        left join ledger_rows same on same.event_id = numbered.event_id and same.digest = numbered.digest
        left join ledger_rows revised on revised.event_id = numbered.revision_id
        """,
        {"controller": controller},
    )
    connection.execute("drop table consent_signals")


def _read_signals(file: Path) -> list[tuple[str, ...]]:
    """The signals that are consent events; the others are proof of use or say that a mailbox is unusable."""
    with file.open(newline="", encoding="utf-8") as rows:
        return [
            (row["event_type"], row["action"], row["purpose"], row["channel"], row["actor"])
            for row in csv.DictReader(rows)
            if row["action"]
        ]
