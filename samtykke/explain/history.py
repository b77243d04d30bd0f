"""A person's permissions along time, as known at K: what a picture of them draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from samtykke.explain.answer import Row
from samtykke.explain.warehouse import Warehouse, listed

BEGINNING, END = datetime(1900, 1, 1), datetime(9999, 12, 31)


@dataclass(frozen=True)
class Span:
    """A stretch of valid time in one state.

    Attributes:
        holds_negative: It holds a no, which travels over links.
        known_from: When its event was loaded.
    """

    state: str
    rule_id: str
    is_permitted: bool
    holds_negative: bool
    valid_from: datetime
    valid_to: datetime
    known_from: datetime | None


@dataclass(frozen=True)
class Mark:
    """An event on a lane: what was done, whether it was ignored, and to which text."""

    occurred_at: datetime
    loaded_at: datetime
    action: str
    effect: str
    source: str
    notice: str | None
    obstacle: str | None


@dataclass(frozen=True)
class Lane:
    """One identifier under one purpose, channel and recipient."""

    identifier_kind: str
    identifier_key: str
    purpose: str
    channel: str | None
    recipient: str | None
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class History:
    """Every lane on which anything was ever said, in a fixed order."""

    person_id: str | None
    at: datetime
    known_at: datetime | None
    lanes: tuple[Lane, ...]


def read_history(
    warehouse: Warehouse, person_id: str | None, keys: Sequence[str], known_at: datetime | None
) -> History:
    """Return the history of some identifiers as known at the warehouse's K.

    Args:
        warehouse: The decisions; its T is where the picture puts "now".
        person_id: Whose they are.
        keys: The identifiers.
        known_at: As asked, for the caption.
    """
    spans: dict[tuple, list[Span]] = defaultdict(list)
    for row in _spans(warehouse, keys):
        spans[_lane(row)].append(
            Span(
                row["state"],
                row["rule_id"],
                row["is_permitted"],
                row["holds_negative"],
                row["valid_from"],
                row["valid_to"],
                row["loaded_at"],
            )
        )
    marks: dict[tuple, set[Mark]] = defaultdict(set)
    for row in _marks(warehouse, keys):
        marks[_lane(row)].add(
            Mark(row["occurred_at"], row["loaded_at"], row["action"], row["effect"], row["source"], row["notice"],
                 row["obstacle"])
        )  # fmt: skip
    lanes = [
        Lane(*lane, tuple(spans.get(lane, ())), tuple(sorted(marks.get(lane, ()), key=_order)))
        for lane in sorted(spans.keys() | marks.keys(), key=_place)
    ]
    return History(person_id, warehouse.at, known_at, tuple(lanes))


def _lane(row: Row) -> tuple:
    return tuple(row[name] for name in ("identifier_kind", "identifier_key", "purpose", "channel", "recipient"))


def _place(lane: tuple) -> tuple:
    kind, key, purpose, channel, recipient = lane
    return (channel is None, purpose, channel or "", recipient or "", kind, key)


def _order(mark: Mark) -> tuple:
    return (mark.occurred_at, mark.loaded_at, mark.action, mark.source, mark.notice or "", mark.obstacle or "")


def _spans(warehouse: Warehouse, keys: Sequence[str]) -> list[Row]:
    return warehouse.rows(f"""
        select spans.identifier_kind, spans.identifier_key, spans.purpose, spans.channel, spans.recipient, spans.state,
            spans.rule_id, spans.is_permitted, spans.holds_negative, spans.valid_from, spans.valid_to, events.loaded_at
        from intermediate.int_consent__intervals as spans
        left join staging.stg_consent__events as events on spans.winning_event_id = events.event_id
        where spans.identifier_key in ({listed(keys)})
            and spans.known_from <= $known and $known < spans.known_to and spans.rule_id <> 'R13'
        order by spans.identifier_key, spans.purpose, spans.channel, spans.recipient, spans.valid_from
    """)


def _marks(warehouse: Warehouse, keys: Sequence[str]) -> list[Row]:
    return warehouse.rows(f"""
        with mine as (
            select identifiers.identifier_key, identifiers.identifier_kind, combinations.purpose, combinations.channel,
                combinations.recipient,
                identifiers.identifier_number * 65536 + combinations.combination_id as key_number
            from intermediate.int_consent__identifiers as identifiers
            cross join intermediate.int_consent__combinations as combinations
            where identifiers.identifier_key in ({listed(keys)})
        ),
        happened as (
            select acts.key_number, ranked.event_seq, acts.effect, null as obstacle
            from intermediate.int_consent__acts as acts
            inner join intermediate.int_consent__ranked_events as ranked on acts.event_rank = ranked.event_rank
            union all
            select key_number, event_seq, 'attempt', obstacle from intermediate.int_explain__attempts
        )
        select mine.* exclude (key_number), happened.effect, happened.obstacle, events.occurred_at, events.loaded_at,
            events.action, events.source,
            events.notice_id || ' ' || events.notice_version || coalesce(' ' || events.notice_locale, '') as notice
        from happened
        inner join mine on happened.key_number = mine.key_number
        inner join staging.stg_consent__events as events on happened.event_seq = events.seq
        where events.loaded_at <= $known
    """)
