"""What the rules say of generated people, and where the models say otherwise."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tests.properties import consent_oracle as oracle
from tests.properties.consent_histories import telling_moments
from tests.properties.consent_oracle import Decision, Event, History, Key, decide, permit
from tests.properties.consent_populations import Population, person_id
from tests.properties.consent_sql import AS_OF, ConsentModels
from tests.properties.consent_world import KEYS, LOADS, MICROSECOND, SIGNALS, WORLD

NOW = datetime(2027, 1, 1)
SILENCE = Decision("unknown", "R13", "silence")
EXITS: dict[str, Key] = {
    "meta": ("advertising.audience", "ads_audience", "meta"),
    "google": ("advertising.audience", "ads_audience", "google"),
    "mailer": ("marketing.direct", "email", None),
    "texter": ("marketing.direct", "sms", None),
}
# What else a recipient hears: a yes to all of it does for a yes to the purpose, a no to any is a no.
BESIDE: dict[str, list[Key]] = {
    recipient: [(purpose, *EXITS[recipient][1:]) for purpose in SIGNALS.get(recipient, ())] for recipient in EXITS
}
DOOR: Key = ("enrichment.social", None, None)
USES: dict[str, Key] = {purpose: (purpose, None, None) for purpose in (DOOR[0], "analytics.behaviour", "service")}

Intervals = dict[tuple[str, str, Key], list[tuple[datetime, datetime, datetime, datetime, Decision]]]


@dataclass(frozen=True)
class Probe:
    """A question and the oracle's answer."""

    identifier: str
    controller: str
    key: Key
    at: datetime
    known: datetime
    answer: Decision


class Judge:
    """The oracle's answers about a population, computed once; `disagreements` holds any build of the models to them.

    Args:
        population: Who is asked about.
        seed: Draws the moments that are asked about.
        per_key: Moments per key of which something was said.
        surprises: Questions at most whose answer a use has changed that was loaded later.
    """

    def __init__(self, population: Population, seed: int, per_key: int = 12, surprises: int = 3) -> None:
        self.population = population
        self.histories = {history.identifier: history for history in population.histories}
        self.probes = [probe for history in population.histories for probe in probes(history, seed, per_key)]
        chance = random.Random(seed)
        moments = sorted({moment for history in population.histories for moment in telling_moments(history)})
        pairs = [(AS_OF, NOW), *((chance.choice(moments), chance.choice([*LOADS, NOW])) for _ in range(2))]
        changed = list(_surprises(population.histories))
        self.surprises = chance.sample(changed, min(surprises, len(changed)))
        pairs += [(probe.at, probe.known) for probe in self.surprises]
        self.permissions = {
            pair: [
                Probe(history.identifier, controller, key, *pair, permit(WORLD, history, key, *pair, controller))
                for history in population.histories
                for controller in controllers(history)
                for key in KEYS
            ]
            for pair in pairs
        }
        denied = {
            (number, key): _denies(history, key)
            for number, history in enumerate(population.histories)
            for key in {*EXITS.values(), *USES.values(), *(key for keys in BESIDE.values() for key in keys)}
        }
        permitted = {
            (number, key): permit(WORLD, history, key, AS_OF, NOW).is_permitted
            for number, history in enumerate(population.histories)
            for key in {*EXITS.values(), *USES.values(), *(key for keys in BESIDE.values() for key in keys)}
        }
        linked: dict[int, set[int]] = defaultdict(set)
        granting: dict[int, set[int]] = defaultdict(set)
        for person, number in (*population.owners, *population.links):
            linked[person].add(number)
        for person, number in population.owners:
            if not population.is_shared(number):
                granting[person].add(number)
        self.exits = {
            (person_id(person), population.histories[number].identifier, recipient): (
                permitted[number, key]
                or (bool(BESIDE[recipient]) and all(permitted[number, beside] for beside in BESIDE[recipient]))
            )
            and number in granting[person]
            and not any(denied[other, one] for other in linked[person] for one in (key, *BESIDE[recipient]))
            for person, number in population.owners
            for recipient, key in EXITS.items()
        }
        # why not, where the recipient hears of one purpose only and the no is not another identifier's
        self.exit_reasons = {}
        for person, number in population.owners:
            for recipient, key in EXITS.items():
                answer = permit(WORLD, population.histories[number], key, AS_OF, NOW)
                if answer.is_permitted and number not in granting[person]:
                    reason = ("unknown", "R13", "identifier_shared", None)
                elif answer.is_permitted and any(denied[other, key] for other in linked[person]):
                    reason = (None, None, "denied_for_the_person", None)
                else:
                    reason = (answer.state, answer.rule_id, answer.reason, answer.winner)
                if not BESIDE[recipient]:
                    name = population.histories[number].identifier
                    self.exit_reasons[person_id(person), name, recipient] = reason
        self.uses = {
            (person_id(person), purpose): not any(denied[number, key] for number in linked[person])
            and (purpose == "service" or any(permitted[number, key] for number in granting[person]))
            for person in linked
            for purpose, key in USES.items()
        }
        self.door = {}
        for number, history in enumerate(population.histories):
            record = {number, *(one for pair in population.mates if number in pair for one in pair)}
            is_denied = any(denied[other, DOOR] for other in record)
            is_permitted = any(permitted[other, DOOR] for other in record) and not is_denied
            self.door[history.identifier] = (is_permitted, is_denied)

    def disagreements(self, models: ConsentModels) -> Iterator[str]:
        """Yield where models that are built on the population say something else than the oracle."""
        intervals = read_intervals(models)
        for probe in self.probes:
            answers = look_up(intervals, probe)
            if answers != [probe.answer] and (answers or probe.answer != SILENCE):
                yield f"intervals say {answers} where {probe} of {self.histories[probe.identifier]}"
        for (at, known), asked in self.permissions.items():
            found = _read_permissions(models, models.permission_at(at, known))
            yield from self._differing("permission_at", found, asked)
        yield from self._ends(models)
        found = _read_permissions(models, "intermediate.int_consent__permissions")
        yield from self._differing("permissions", found, self.permissions[AS_OF, NOW])
        columns = "person_id, identifier_key, recipient, is_permitted"
        exits = models.query(f"select {columns} from intermediate.int_consent__exit_permissions")
        yield from _unequal("exits", self.exits, exits)
        columns = "person_id, identifier_key, recipient, state, rule_id, reason, winning_event_id"
        for row in models.query(f"select {columns} from intermediate.int_consent__exit_permissions"):
            said, expected = row[3:], self.exit_reasons.get(row[:3])
            if expected and expected[2] == "denied_for_the_person":
                said = (None, None, said[2], None)
            if expected and said != expected and (said[1] != "R13" or not _is_silent(expected[1], expected[2])):
                yield f"exits: {row} where {expected}"
        uses = models.query("select person_id, purpose, is_permitted from intermediate.int_consent__person_permissions")
        yield from _unequal("uses", self.uses, uses)
        doors = models.query(
            "select identifier_key, is_permitted, is_denied from intermediate.int_consent__door_permissions"
            f" where purpose = '{DOOR[0]}'"
        )
        answers = {identifier: tuple(answer) for identifier, *answer in doors}
        for identifier, expected in self.door.items():
            if answers.get(identifier, (False, False)) != expected:
                yield f"door says {answers.get(identifier)} where {expected} of {self.histories[identifier]}"

    def _differing(self, where: str, found: dict, asked: list[Probe]) -> Iterator[str]:
        for probe in asked:
            answers = found.get((probe.identifier, probe.controller, probe.key), [])
            # of a key of which nothing was heard by then there may be a row or none
            silent = _is_silent(probe.answer.rule_id, probe.answer.reason)
            if answers != [probe.answer] and not (silent and answers in ([], [SILENCE])):
                yield f"{where} says {answers} where {probe} of {self.histories[probe.identifier]}"

    def _ends(self, models: ConsentModels) -> Iterator[str]:
        """Where a use was not loaded yet, too, an interval begins and ends with its decision."""
        for probe in self.surprises:
            history = self.histories[probe.identifier]
            function = f"audit.intervals_at(timestamp '{probe.at}', timestamp '{probe.known}')"
            for begins, ends in models.query(
                f"""
                select valid_from, valid_to from {function}
                where identifier_key = $1 and controller = $2 and purpose = $3 and channel = $4 and recipient is null
                """,
                [probe.identifier, probe.controller, *probe.key[:2]],
            ):
                for at in (begins, ends - MICROSECOND):
                    if decide(WORLD, history, probe.key, at, probe.known, uses_known=probe.known) != probe.answer:
                        yield f"the interval of {probe} begins or ends otherwise: {at}"

    def census(self) -> Counter[tuple[str, ...]]:
        """How often each answer was right, by rule, state and reason, and what the deciding events were like."""
        said = Counter(("decision", p.answer.rule_id, p.answer.state, p.answer.reason) for p in self.probes)
        said.update(("decided by", trait) for probe in self.probes for trait in self._traits(probe))
        for asked in self.permissions.values():
            said.update(("stale list", p.answer.reason) for p in asked if p.answer.reason.startswith("stale_list"))
        said.update(("exit", recipient, str(answer)) for (_, _, recipient), answer in self.exits.items())
        said.update(("use", purpose, str(answer)) for (_, purpose), answer in self.uses.items())
        said.update(("door", *map(str, answer)) for answer in self.door.values())
        said.update(("use loaded later", probe.answer.state) for probe in self.surprises)
        return said

    def _traits(self, probe: Probe) -> Iterator[str]:
        """What makes the event that decides worth deciding by."""
        events = self.histories[probe.identifier].events
        winner = next((event for event in events if event.event_id == probe.answer.winner), None)
        if winner is None:
            return
        yield winner.precision
        if winner.controller != oracle.OURS:
            yield "another controller"
        if winner.loaded_at > probe.at:
            yield "loaded late"
        if winner.purpose == "any":
            yield "every purpose"
        elif winner.purpose != probe.key[0]:
            yield "parent purpose"
        if winner.channel == "any":
            yield "every channel"
        if winner.recipient is None and probe.key[2] is not None:
            yield "every recipient"
        if winner.notice is not None and winner.action in oracle.POSITIVE:
            yield f"notice {'/'.join(winner.notice)}"
        if sum(event.occurred_at == winner.occurred_at for event in events) > 1:
            yield "tie"
        if probe.answer.is_permitted and any(e.action in oracle.NEGATIVE for e in events):
            yield "grant after a no"


def raised(models: ConsentModels, histories: list[History], extra: list[Event], seed: int) -> Iterator[str]:
    """Yield each permission that an event of a source that may not raise has made."""
    told_more = [
        replace(
            history,
            identifier=f"{history.identifier}+",
            events=(*history.events, replace(event, event_id=f"fff{number:013x}")),
        )
        for number, (history, event) in enumerate(zip(histories, extra, strict=True))
    ]
    models.load(WORLD, [*histories, *told_more])
    models.build()
    intervals = read_intervals(models)
    for history, more in zip(histories, told_more, strict=True):
        for probe in probes(more, seed):
            if any(decision.is_permitted for decision in look_up(intervals, probe)):
                before = look_up(intervals, replace(probe, identifier=history.identifier))
                if not any(decision.is_permitted for decision in before):
                    yield f"{probe} is permitted by what was added to {more}"


def _is_silent(rule_id: str, reason: str) -> bool:
    """Whether nothing may be known of the key, so that not even a stale list has a row."""
    return rule_id == "R13" or reason.startswith("stale_list")


def controllers(history: History) -> list[str]:
    return sorted({oracle.OURS, *(event.controller for event in history.events)})


def read_intervals(models: ConsentModels) -> Intervals:
    found: Intervals = defaultdict(list)
    rows = models.query("""
        select identifier_key, controller, purpose, channel, recipient, valid_from, valid_to, known_from, known_to,
            state, rule_id, reason, winning_event_id, expires_at, holds_negative, is_permitted
        from intermediate.int_consent__intervals
    """)
    for row in rows:
        decision = Decision(*row[9:15])
        assert row[15] == decision.is_permitted, row
        found[row[0], row[1], row[2:5]].append((*row[5:9], decision))
    return found


def look_up(intervals: Intervals, probe: Probe) -> list[Decision]:
    return [
        decision
        for valid_from, valid_to, known_from, known_to, decision in intervals.get(
            (probe.identifier, probe.controller, probe.key), []
        )
        if valid_from <= probe.at < valid_to and known_from <= probe.known < known_to
    ]


def probes(history: History, seed: int, per_key: int = 12) -> Iterator[Probe]:
    """Some of the moments that matter, at some of the moments at which something was loaded."""
    chance = random.Random(seed)
    moments = telling_moments(history)
    for controller in controllers(history):
        spoken_of = {event.purpose for event in history.events if event.controller == controller}
        for key in KEYS:
            for at in chance.sample(moments, min(per_key if key[0] in spoken_of else 2, len(moments))):
                known = chance.choice([*LOADS, NOW, NOW, chance.choice(LOADS).replace(hour=1)])
                answer = decide(WORLD, history, key, at, known, controller)
                yield Probe(history.identifier, controller, key, at, known, answer)


def _surprises(histories: Sequence[History]) -> Iterator[Probe]:
    """Questions whose answer a use has changed that was not loaded yet."""
    key = ("marketing.direct", "email", None)
    for history in histories:
        if any(loaded > at for at, loaded in history.uses):
            for at in telling_moments(history):
                for known in LOADS:
                    answer = decide(WORLD, history, key, at, known, uses_known=known)
                    if answer != decide(WORLD, history, key, at, known):
                        yield Probe(history.identifier, oracle.OURS, key, at, known, answer)


def _denies(history: History, key: Key) -> bool:
    """A no that is in force, or that is known and yet to begin; a birthday to come ends nothing today."""
    today = decide(WORLD, history, key, AS_OF, NOW)
    later = [decide(WORLD, history, key, at, NOW) for at in telling_moments(history) if at > AS_OF]
    return (
        bool(history.erased_at)
        or today.holds_negative
        or any(decision.holds_negative and decision.rule_id != "R5" for decision in later)
    )


def _read_permissions(models: ConsentModels, relation: str) -> dict[tuple[str, str, Key], list[Decision]]:
    found: dict[tuple[str, str, Key], list[Decision]] = defaultdict(list)
    rows = models.query(f"""
        select identifier_key, controller, purpose, channel, recipient, state, rule_id, reason, winning_event_id,
            expires_at, holds_negative, is_permitted
        from {relation}
    """)
    for identifier, controller, purpose, channel, recipient, *rest, is_permitted in rows:
        decision = Decision(*rest)
        assert is_permitted == decision.is_permitted, (decision, is_permitted)
        found[identifier, controller, (purpose, channel, recipient)].append(decision)
    return found


def _unequal(where: str, expected: dict, rows: list[tuple]) -> Iterator[str]:
    found = Counter(rows)
    wanted = Counter((*key, answer) for key, answer in expected.items())
    for row in (found - wanted) + (wanted - found):
        yield f"{where}: {row} is {'said' if row in found else 'not said'}"
