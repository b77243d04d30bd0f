"""The SQL decision against the oracle, on histories in which everything collides."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties.consent_histories import KEYS, LOADS, WORLD, batches, events, telling_moments
from tests.properties.consent_oracle import Decision, Event, History, Key, decide
from tests.properties.consent_sql import ConsentModels

BATCH = 30
BATCHES = int(os.environ.get("PROVE_BATCHES", "70"))  # `make prove` raises it
SILENCE = Decision("unknown", "R13", "silence")
NOW = datetime(2027, 1, 1)
# every run draws the same histories; shrinking a batch takes minutes, so that it is for the one who hunts
PHASES = list(Phase) if os.environ.get("PROVE_SHRINK") else [Phase.explicit, Phase.generate]

Intervals = dict[tuple[str, Key], list[tuple[datetime, datetime, datetime, datetime, Decision]]]


def proving(batches: int) -> settings:
    return settings(
        max_examples=batches, phases=PHASES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip


def read_intervals(models: ConsentModels) -> Intervals:
    found: Intervals = defaultdict(list)
    rows = models.query("""
        select identifier_key, purpose, channel, recipient, valid_from, valid_to, known_from, known_to,
            state, rule_id, reason, winning_event_id, expires_at, holds_negative
        from intermediate.int_consent__intervals
    """)
    for identifier, purpose, channel, recipient, *rest in rows:
        found[identifier, (purpose, channel, recipient)].append((*rest[:4], Decision(*rest[4:])))
    return found


def look_up(intervals: Intervals, identifier: str, key: Key, at: datetime, known: datetime) -> Decision:
    hits = [
        decision
        for valid_from, valid_to, known_from, known_to, decision in intervals.get((identifier, key), [])
        if valid_from <= at < valid_to and known_from <= known < known_to
    ]
    assert len(hits) <= 1, f"two answers for {key} at {at} as known at {known}: {hits}"
    return hits[0] if hits else SILENCE


def probes(history: History, count: int, seed: int) -> Iterator[tuple[Key, datetime, datetime]]:
    """Some of the moments that matter, at some of the moments at which something was loaded."""
    chance = random.Random(seed)
    moments = telling_moments(history)
    spoken_of = [key for key in KEYS if any(event.purpose == key[0] for event in history.events)]
    for key in KEYS:
        for at in chance.sample(moments, min(count if key in spoken_of else 2, len(moments))):
            yield key, at, chance.choice([*LOADS, NOW, NOW, chance.choice(LOADS).replace(hour=1)])


@proving(BATCHES)
@given(batch=batches(BATCH), seed=st.integers(0, 2**32))
def test_sql_decides_as_the_rules_say(models: ConsentModels, batch: list[History], seed: int) -> None:
    models.load(WORLD, batch)
    models.build()
    intervals = read_intervals(models)
    for history in batch:
        for key, at, known in probes(history, 12, seed):
            expected = decide(WORLD, history, key, at, known)
            assert look_up(intervals, history.identifier, key, at, known) == expected, (key, at, known, history)


@proving(BATCHES // 7)
@given(
    batch=batches(BATCH),
    extra=st.lists(events(raising=False), min_size=BATCH, max_size=BATCH),
    seed=st.integers(0, 2**32),
)
def test_no_event_of_a_source_that_may_not_raise_makes_a_permit(
    models: ConsentModels, batch: list[History], extra: list[Event], seed: int
) -> None:
    told_more = [
        replace(
            history,
            identifier=f"{history.identifier}+",
            events=(*history.events, replace(event, event_id=f"ffff{n:012x}")),
        )
        for n, (history, event) in enumerate(zip(batch, extra, strict=True))
    ]
    models.load(WORLD, [*batch, *told_more])
    models.build()
    intervals = read_intervals(models)
    for history, more in zip(batch, told_more, strict=True):
        for key, at, known in probes(more, 12, seed):
            if look_up(intervals, more.identifier, key, at, known).is_permitted:
                assert look_up(intervals, history.identifier, key, at, known).is_permitted, (key, at, known, more)


@proving(BATCHES // 14)
@given(batch=batches(BATCH), seed=st.integers(0, 2**32))
def test_the_order_of_loading_changes_no_decision(models: ConsentModels, batch: list[History], seed: int) -> None:
    """The ledger numbers events in the order of their arrival; no decision may hang on that number."""
    answers = []
    for order in (batch, [replace(h, events=tuple(reversed(h.events))) for h in reversed(batch)]):
        models.load(WORLD, order)
        models.build()
        answers.append(sorted(models.query("select * from intermediate.int_consent__intervals order by all"), key=str))
    assert answers[0] == answers[1]
