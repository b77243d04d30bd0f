"""The SQL decision against the oracle, on histories in which everything collides."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.consent_histories import KEYS, LOADS, WORLD, batches, events, telling_moments
from tests.properties.consent_oracle import Decision, History, Key, decide
from tests.properties.consent_sql import ConsentModels

BATCH = 30
BATCHES = int(os.environ.get("PROVE_BATCHES", "70"))  # `make prove` raises it
SILENCE = Decision("unknown", "R13", "silence")
PROPERTY = settings(
    max_examples=BATCHES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)

Intervals = dict[tuple[str, Key], list[tuple[datetime, datetime, datetime, datetime, Decision]]]


def read_intervals(models: ConsentModels) -> Intervals:
    found: Intervals = defaultdict(list)
    for (
        identifier,
        purpose,
        channel,
        recipient,
        *bounds,
        state,
        rule,
        reason,
        winner,
        expires,
        negative,
        _,
    ) in models.query(
        """
        select identifier_key, purpose, channel, recipient, valid_from, valid_to, known_from, known_to, state, rule_id,
            reason, winning_event_id, expires_at, holds_negative, is_permitted
        from intermediate.int_consent__intervals
        """
    ):
        decision = Decision(state, rule, reason, winner, expires, negative)
        found[identifier, (purpose, channel, recipient)].append((*bounds, decision))
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
            yield key, at, chance.choice([*LOADS, datetime(2027, 1, 1), chance.choice(LOADS).replace(hour=1)])


@PROPERTY
@given(batch=batches(BATCH), seed=st.integers(0, 2**32))
def test_sql_decides_as_the_rules_say(models: ConsentModels, batch: list[History], seed: int) -> None:
    models.load(WORLD, batch)
    models.build()
    intervals = read_intervals(models)
    for history in batch:
        for key, at, known in probes(history, 12, seed):
            expected = decide(WORLD, history, key, at, known)
            actual = look_up(intervals, history.identifier, key, at, known)
            assert actual == expected, (key, at, known, history)
