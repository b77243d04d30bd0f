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
_SAID = """
    source, identifier_kind, identifier_key, purpose, channel, recipient, action, basis, consent_type, is_default,
    actor, method, notice_id, notice_version, notice_locale, occurred_at, occurred_precision, recorded_at,
    valid_until, raw_kind, raw_value, evidence_uri, evidence_sha256
"""

# What a signal says, beside what the same signal (a box, a site's string) said before: a no after a yes has a name of
# its own, and an empty box is a no only where it was ticked. An event that gets another name once an earlier yes is
# known has an id that ends so that it wins the tie.
# ``{since}`` says which landed rows are looked at.
_BY_SIGNAL = f"""
    (
        with said as (
            select * exclude (purpose, channel, recipient, action, part), part.purpose as purpose,
                part.channel as channel, part.recipient as recipient, part.action as action,
                part.after_yes as after_yes, sha256(event_id || chr(31) || part.part) as part_id,
            from (
                select event_id, {_SAID}, loaded_at, unnest(said) as part
                from raw.consent_events where len(said) > 0 and {{since}}
            )
        ),
        kinds as (select distinct raw_kind from said where after_yes is not null),
        answers as (
            select source, raw_kind, identifier_key, purpose, channel, recipient, occurred_at, loaded_at, part_id,
                coalesce(action in ('granted', 'renewed', 'imported_state'), false) as is_yes,
            from (
                select source, raw_kind, identifier_key, purpose, channel, recipient, occurred_at, loaded_at, action,
                    cast(null as varchar) as part_id,
                from {TABLE} where raw_kind in (from kinds)
                union all
                select source, raw_kind, identifier_key, purpose, channel, recipient, occurred_at, loaded_at, action,
                    part_id,
                from said where raw_kind in (from kinds)
            )
        ),
        -- by windows: a box that is delivered every night has as many answers as there were nights
        looked_back as (
            select part_id, occurred_at, max(occurred_at) filter (is_yes) over up_to_now as last_yes,
                max(occurred_at) filter (not is_yes) over earlier as last_no,
                min(loaded_at) filter (is_yes) over up_to_now as yes_known_from,
            from answers
            window up_to_now as (
                partition by source, raw_kind, identifier_key, purpose, channel, recipient order by occurred_at
                range between unbounded preceding and current row
            ), earlier as (
                partition by source, raw_kind, identifier_key, purpose, channel, recipient order by occurred_at
                range between unbounded preceding and interval 1 microsecond preceding
            )
        ),
        before as (
            select part_id, occurred_at, max(last_yes) as last_yes, max(last_no) as last_no,
                min(yes_known_from) as yes_known_from,
            from looked_back where part_id is not null
            group by part_id, occurred_at
        ),
        weighed as (
            select said.* exclude (after_yes), after_yes, before.yes_known_from,
                coalesce(
                    after_yes is not null and last_yes is not null
                    and (action is not null or last_no is null or last_no < last_yes),
                    false
                ) as is_after_yes,
            from said left join before using (part_id, occurred_at)
        )
        select * exclude (event_id, part_id, after_yes, is_after_yes, yes_known_from) replace (
                case when is_after_yes then after_yes else action end as action,
                case when is_after_yes then greatest(loaded_at, yes_known_from) else loaded_at end as loaded_at
            ),
            case
                when is_after_yes and action is not null
                    then left(sha256(part_id || chr(31) || after_yes), 48) || repeat('f', 16)
                else part_id
            end as event_id,
        from weighed
        where action is not null or is_after_yes
    )
"""

# An unsubscribe, a complaint or a double-opt-in click is an event too; the seed of signals says which.
_LANDED = f"""
    select event_id, {_SAID}, loaded_at from raw.consent_events where said is null and {{since}}
    union all by name
    select * from {_BY_SIGNAL}
    union all by name
    select
        sha256('email_events' || chr(31) || events.event_id) as event_id, 'email_events' as source,
        'email' as identifier_kind, events.email_key as identifier_key, signals.purpose, signals.channel,
        signals.action, 'consent' as basis, false as is_default, signals.actor,
        'email_' || events.event_type as method, events.occurred_at, 'exact' as occurred_precision,
        'email_event' as raw_kind, events.event_type as raw_value, events.loaded_at,
    from raw.email_events as events
    inner join consent_signals as signals using (event_type)
    where {{since}}
"""

# What the ledger does not hold. An id that comes back with other content is an event of its own: a source that
# re-uses its ids must not be able to hide a withdrawal behind an old grant.
_NEW = f"""
    with landed as (select *, hash(row({_SAID})) as content from ({_LANDED})),
    held as ({{held}}),
    unheld as (
        select landed.*, held.event_id is not null as is_known
        from landed
        left join held on landed.event_id = held.event_id
        where held.content is distinct from landed.content
    ),
    repeated as (select event_id from unheld group by event_id having count(*) > 1 or bool_or(is_known)),
    once as (
        select event_id, {_SAID}, loaded_at from unheld where event_id not in (select event_id from repeated)
    ),
    digested as (
        select *, sha256(cast(to_json(row({_SAID})) as varchar)) as digest
        from unheld
        where event_id in (select event_id from repeated)
        qualify row_number() over (partition by event_id, digest order by loaded_at) = 1
    ),
    revised as (
        select
            case
                when not is_known and row_number() over (partition by event_id order by digest) = 1 then event_id
                else sha256(event_id || chr(31) || digest)
            end as event_id,
            {_SAID}, loaded_at,
        from digested
    )
    select * from once
    union all by name
    select * from revised where event_id not in (select event_id from {TABLE})
"""
_HELD = f"select event_id, hash(row({_SAID})) as content from {TABLE}"
_APPENDED = "consent_appended"


@dataclass(frozen=True)
class AppendResult:
    """What one append added.

    Attributes:
        appended: New ledger rows.
        derived: Of these, events derived from e-mail service signals.
        revised: Of these, events whose id was known with other content.
    """

    appended: int
    derived: int
    revised: int


@dataclass(frozen=True)
class BrokenRow:
    """The first ledger row that is not what was appended."""

    seq: int
    event_id: str


def append_consent_events(
    connection: duckdb.DuckDBPyConnection, controller: str, *, signals: Path = SIGNALS, only_recent: bool = False
) -> AppendResult:
    """Append every landed consent event that the ledger does not hold yet, in one transaction.

    Args:
        connection: The home's warehouse with ``ledger`` attached for writing.
        controller: Who the events were given to (``Settings.controller``).
        signals: The seed of e-mail signals.
        only_recent: Look only at what was loaded since the newest row of the last append; all else was looked at then.
            An event that an older row becomes through a new one (a box that was empty before it is known to have been
            ticked) is left to the next full append.

    Raises:
        duckdb.Error: Nothing was appended.
    """
    _load_signals(connection, signals)
    (last,) = connection.execute(f"select coalesce(max(seq), 0) from {TABLE}").fetchone()
    looked_at, mark = _looked_at(connection)
    since, held = "true", _HELD
    if only_recent and mark:
        since = f"loaded_at >= timestamp '{mark}'"
        held = f"{_HELD} where event_id in (select event_id from landed)"
    new = _NEW.replace("{since}", since).replace("{held}", held)
    connection.execute("begin")
    try:
        appended = append_chained(
            connection,
            TABLE,
            f"select *, '{controller.replace(chr(39), chr(39) * 2)}' as controller from ({new})",
            order_by="loaded_at, occurred_at, event_id",
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    derived, landed_ids = connection.execute(f"""
        select count(*) filter (source = 'email_events'),
            count(*) filter (event_id in (select event_id from ({_LANDED.replace("{since}", since)})))
        from {TABLE} where seq > {last}
    """).fetchone()
    connection.execute("drop table consent_signals")
    # after the append, in another file: a crash between the two looks at rows twice, and twice adds nothing
    if looked_at:
        connection.execute("insert or replace into raw.loader_state values ($1, $2)", [_APPENDED, looked_at])
    return AppendResult(appended=appended, derived=derived, revised=appended - landed_ids)


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


def _looked_at(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, str | None]:
    """Return when the newest row was loaded that can become an event, now and as of the last append."""
    return connection.execute(
        """
        select
            greatest(
                (select max(loaded_at) from raw.consent_events), (select max(loaded_at) from raw.email_events)
            )::varchar,
            (select value from raw.loader_state where name = $1),
        """,
        [_APPENDED],
    ).fetchone()


def _load_signals(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """The signals that are events; the others are proof of use, or say that a mailbox is dead."""
    with file.open(newline="", encoding="utf-8") as rows:
        signals = [[row[name] for name in ("event_type", "action", "purpose", "channel", "actor")]
                   for row in csv.DictReader(rows) if row["action"]]  # fmt: skip
    connection.execute("""
        create or replace temporary table consent_signals
        (event_type varchar, action varchar, purpose varchar, channel varchar, actor varchar)
    """)
    connection.executemany("insert into consent_signals values ($1, $2, $3, $4, $5)", signals)
