"""Interpret the consent signals of a file: what each says, what its row claims beside it, and what of that counts.

The signal is the evidence. A claimed yes counts where the signal bears it out, and says no more than was claimed; a
claimed no always counts. What cannot be read is no consent: the row goes to quarantine with the reason.
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from samtykke.consent.signals import TC_STRING, WORD, Reading, declared_signals, seeds_of
from samtykke.sources.columns import Column
from samtykke.sources.shape import Source
from samtykke.sources.times import literal

ENTITY = "consent_events"
# A TC string speaks of one site on one device: a yes in it is none for an address.
_DEVICES = ("cookie", "mobile_ad_id")
_BOXES = ("crm_checkbox", "crm_legal_basis")
_SAID = "struct(part varchar, purpose varchar, channel varchar, recipient varchar, action varchar, after_yes varchar)[]"
_BATCH = 20_000
# Which signals stand in for a blank column of the contract; None is every signal.
_FILLED: dict[str, tuple[str, ...] | None] = {"purpose": None, "action": None, "occurred_at": _BOXES}


def register_signal_macros(connection: duckdb.DuckDBPyConnection, project: Path) -> None:
    """Create the temporary macros ``plain_kind``, a kind in the seed's spelling, and ``signal_of``, its signal."""
    connection.execute("""
        create or replace temporary macro plain_kind(kind) as
        trim(regexp_replace(lower(kind), '[^a-z0-9]+', '_', 'g'), '_')
    """)
    pairs = ", ".join(f"{literal(k)}: {literal(s)}" for k, s in declared_signals(project).kinds.items())
    connection.execute(f"create or replace temporary macro signal_of(kind) as (map {{{pairs}}})[plain_kind(kind)]")


def unfilled_sql(column: Column) -> str:
    """Return the SQL condition under which a required column that is blank is missed."""
    if column.name not in _FILLED or not column.derived:
        return "true"
    signals = _FILLED[column.name]
    if signals is None:
        return "signal_of(raw_kind) is null"
    return f"coalesce(signal_of(raw_kind) not in ({', '.join(map(literal, signals))}), true)"


def missing_column(connection: duckdb.DuckDBPyConnection, source: Source) -> str | None:
    """Return a required header that a file of the contract lacks although not every row has a signal that stands in."""
    for name, signals in _FILLED.items():
        if name in source.headers:
            continue
        stands_in = "signal_of(kind) is not null" if signals is None else f"signal_of(kind) in {signals}"
        (rows, all_stand_in) = connection.execute(
            f"select count(*), coalesce(bool_and(coalesce({stands_in}, false)), false) "
            f"from (select {source.first_of(('raw_kind',))} as kind from landed)"
        ).fetchone() or (0, False)
        if not rows or not all_stand_in:
            return name
    return None


def interpret(connection: duckdb.DuckDBPyConnection, table: str, project: Path, now: datetime) -> None:
    """Add ``signal`` and ``said`` to the good rows of a table of consent events; the unreadable get an ``issue``.

    Args:
        connection: With ``signal_of`` and the table ``issues`` for single values.
        table: ``ready_n`` of the batch.
        project: Whose seeds say what signals mean.
        now: The moment of the load, which stands in for the date of a box that has none.
    """
    connection.execute(f"alter table {table} add column signal varchar; alter table {table} add column said {_SAID}")
    connection.execute(f"""
        update {table} set issue = 'missing_value|' || case when purpose is null then 'purpose' else 'action' end
        where issue is null and (purpose is null or action is null) and signal_of(raw_kind) is null
    """)
    # Each spelling is looked up once, not once a row.
    connection.execute(f"""
        create or replace temp table signalled as
        with kinds as (
            select raw_kind, signal_of(raw_kind) as signal, plain_kind(raw_kind) as kind
            from (select distinct raw_kind from {table}) where signal_of(raw_kind) is not null
        )
        select r.rowid as row_number, k.signal, k.kind, coalesce(r.raw_value, '') as value
        from {table} as r inner join kinds as k on r.raw_kind = k.raw_kind where r.issue is null
    """)
    if connection.execute("select 1 from signalled limit 1").fetchone():
        _read_values(connection, project)
        _judge(connection, table, project)
        _write(connection, table, project, now)
        connection.execute("drop table judged_signals; drop table signal_readings")
    connection.execute("drop table signalled")


def _read_values(connection: duckdb.DuckDBPyConnection, project: Path) -> None:
    """Fill ``signal_readings`` with what each distinct value says."""
    signals = declared_signals(project)
    connection.execute(
        f"create or replace temp table signal_readings (kind varchar, value varchar, reason varchar, said {_SAID})"
    )
    found = connection.execute("select distinct kind, value from signalled order by all").fetchall()
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        readings = [signals.read(kind, value) for kind, value in batch]
        connection.register("signal_batch", _table(batch, readings))
        connection.execute("insert into signal_readings select * from signal_batch")
        connection.unregister("signal_batch")


def _table(batch: list[tuple[str, str]], readings: list[Reading]) -> pa.Table:
    names = ("part", "purpose", "channel", "recipient", "action", "after_yes")
    parts = pa.list_(pa.struct([(name, pa.string()) for name in names]))
    said = [[{name: getattr(part, name) for name in names} for part in reading.said] for reading in readings]
    return pa.table(
        {
            "kind": pa.array([kind for kind, _ in batch], pa.string()),
            "value": pa.array([value for _, value in batch], pa.string()),
            "reason": pa.array([reading.reason for reading in readings], pa.string()),
            "said": pa.array(said, parts),
        }
    )


def _judge(connection: duckdb.DuckDBPyConnection, table: str, project: Path) -> None:
    """Make ``judged_signals``: per row what the signal says, what the row claims, and what of the two counts."""
    raising, lowering = _actions(project)
    signals = declared_signals(project)
    speaks = ", ".join(f"{literal(name)}: {list(signals.purposes_of(name))}" for name in set(signals.kinds.values()))
    boxes = ", ".join(map(literal, _BOXES))
    # A box that is ticked without its date or its notice is a state that somebody asserts, not a grant.
    is_grant = "r.occurred_at is not null and r.occurred_precision <> 'unknown' and r.notice_id is not null"
    connection.execute(f"""
        create or replace temp table judged_signals as
        with claimed as (
            select s.row_number, s.signal, v.reason, v.said, (map {{{speaks}}})[s.signal] as speaks_of,
                lower(r.purpose) as purpose, r.channel, lower(r.recipient) as recipient, r.action,
                coalesce(r.action in ({raising}), false) as claims_yes,
                coalesce(r.action in ({lowering}), false) as claims_no,
                s.signal <> '{TC_STRING}' or r.identifier__kind in {_DEVICES} as may_grant,
                s.signal in ({boxes}) and (not ({is_grant}) or coalesce(r.action not in ({raising}, {lowering}), false))
                    as is_state
            from signalled as s
            inner join {table} as r on s.row_number = r.rowid
            inner join signal_readings as v on s.kind = v.kind and s.value = v.value
        ),
        -- what the signal leaves to its record: purpose, channel and recipient together
        completed as (
            select *, list_transform(said, lambda p: struct_pack(
                part := p.part,
                purpose := coalesce(p.purpose, purpose),
                channel := case when p.purpose is null then channel else p.channel end,
                recipient := case when p.purpose is null then recipient else p.recipient end,
                action := case when p.action = 'granted' and is_state then 'imported_state' else p.action end,
                after_yes := p.after_yes
            )) as parts
            from claimed
        ),
        split as (
            select *,
                -- one word without its type is no yes to a purpose whose parts the signal asks for one by one
                list_filter(parts, lambda p: p.action = 'granted' and not (p.part = '{WORD}' and len(
                    list_filter(speaks_of, lambda x: starts_with(x, coalesce(purpose, '') || '.'))) > 0)
                ) as every_yes,
                list_filter(parts, lambda p: p.action is distinct from 'granted' and not coalesce(
                    claims_no and p.purpose = purpose and p.channel is not distinct from channel
                    and p.recipient is not distinct from recipient, false)) as others,
                may_grant and (action is null or claims_yes) as grants_count
            from completed
        ),
        -- a yes says no more than the row claims
        narrowed as (
            select *, case when grants_count then list_filter(every_yes, lambda p:
                purpose is null
                or (p.purpose = purpose or starts_with(p.purpose, purpose || '.'))
                and (recipient is null or p.recipient is not distinct from recipient)
            ) else [] end as yes
            from split
        ),
        weighed as (
            select *,
                list_filter(speaks_of, lambda x: starts_with(x, purpose || '.')) as beneath,
                list_transform(yes, lambda p: p.purpose) as yes_to
            from narrowed
        )
        select row_number, signal, reason, claims_yes, claims_no, every_yes, yes, others, may_grant,
            others || list_transform(yes, lambda p: struct_pack(
                part := p.part, purpose := p.purpose, channel := p.channel, recipient := p.recipient,
                action := case when claims_yes then action else p.action end, after_yes := p.after_yes
            )) || case
                -- a claimed no always counts, of everything that the signal speaks of if it names no purpose
                when claims_no then list_transform(
                    case when purpose is null then speaks_of else [purpose] end,
                    lambda x: struct_pack(part := 'claim:' || x, purpose := x, channel := channel,
                        recipient := recipient, action := action, after_yes := null::varchar))
                -- a claimed yes to a whole is borne out by a yes to every part of it that the signal speaks of
                when claims_yes and len(beneath) > 0 and list_has_all(yes_to, beneath) then [struct_pack(
                    part := 'claim', purpose := purpose, channel := channel, recipient := recipient,
                    action := action, after_yes := null::varchar)]
                else [] end as counts
        from weighed
    """)


def _write(connection: duckdb.DuckDBPyConnection, table: str, project: Path, now: datetime) -> None:
    connection.execute("""
        create or replace temp table signal_verdicts as
        select *, case
            when reason is not null and not claims_no then signal || ':' || reason || '|raw_value'
            when len(list_filter(counts, lambda p: p.purpose is null)) > 0 or (claims_no and len(counts) = 0)
                then 'missing_value|purpose'
            when len(counts) = 0 and len(every_yes) > 0 and not may_grant then signal || ':not_a_device|identifier_kind'
            when len(counts) = 0 and claims_yes then signal || ':not_borne_out|action'
        end as verdict
        from judged_signals
    """)
    # What is lost beside a row that stays: a signal nobody can read beside a claimed no, a yes that is none.
    connection.execute(f"""
        insert into issues
        select r.line_number, '{ENTITY}', case when v.reason is null then 'action' else 'raw_value' end,
            v.signal || ':' || coalesce(v.reason, case when v.may_grant then 'not_borne_out' else 'not_a_device' end)
        from signal_verdicts as v inner join {table} as r on v.row_number = r.rowid
        where v.verdict is null
            and (v.reason is not null or len(v.yes) = 0 and (v.claims_yes or not v.may_grant and len(v.every_yes) > 0))
    """)
    signals = declared_signals(project)
    actors = ", ".join(f"{literal(n)}: {literal(a) if a else 'null'}" for n, a in signals.actors.items())
    connection.execute(
        f"""
        update {table} as r set signal = v.signal, said = v.counts, issue = v.verdict,
            actor = coalesce(r.actor, (map {{{actors}}})[v.signal]),
            occurred_precision = case when r.occurred_at is null then 'unknown' else r.occurred_precision end,
            occurred_at = coalesce(r.occurred_at, $1::timestamp)
        from signal_verdicts as v where v.row_number = r.rowid
        """,
        [now],
    )
    connection.execute("drop table signal_verdicts")


def _actions(project: Path) -> tuple[str, str]:
    """The actions that raise and those that lower, as SQL lists; every other only states or asks."""
    with (seeds_of(project) / "consent_actions.csv").open(newline="", encoding="utf-8") as file:
        effects = {row["action"]: row["effect"] for row in csv.DictReader(file)}
    raising = [name for name, effect in effects.items() if effect in ("positive", "confirmation", "lift")]
    lowering = [name for name, effect in effects.items() if effect in ("negative", "restriction", "invalidation")]
    return ", ".join(map(literal, raising)), ", ".join(map(literal, lowering))
