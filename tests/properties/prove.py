"""Hold the SQL of consent to the oracle on as many histories as one likes: `make prove`.

    python -m tests.properties.prove [--keys 100000] [--seed N]

A round draws and judges 1,500 identifiers with their people: every decision at random T and K, permissions, exits and
the door; every fourth round also that no event of a source that may not raise makes a permit. The seed is printed;
a disagreement names the seed that draws its round first.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from rich.progress import track

from tests.properties.consent_histories import events, used_histories
from tests.properties.consent_judge import Judge, raised
from tests.properties.consent_oracle import Event, History
from tests.properties.consent_populations import Population, merge, populations
from tests.properties.consent_sql import ConsentModels, compile_models
from tests.properties.consent_world import seed_texts

SIZE, PARTS = 30, 50
Drawn = tuple[Population, list[Event]]


def draw(seed: int, parts: int = PARTS) -> Drawn:
    """A population of `parts` drawings, and one event that may not raise for each of its histories."""
    found: list[Population] = []
    extra: list[Event] = []

    # the first example is the simplest there is, and of no interest
    @seeded(seed)
    @settings(
        max_examples=parts + 1, phases=[Phase.generate], deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(population=populations(SIZE), more=st.lists(events(raising=False), min_size=SIZE, max_size=SIZE))
    def collect(population: Population, more: list[Event]) -> None:
        found.append(population)
        extra.extend(more)

    collect()
    return merge(found[1:]), extra[SIZE:]


def used(seed: int, people: int = 60) -> Population:
    """People whose permissions lapse without use."""
    found: list[History] = []

    @seeded(seed)
    @settings(
        max_examples=2, phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(histories=st.lists(used_histories(), min_size=people, max_size=people))
    def collect(histories: list[History]) -> None:
        found[:] = histories

    collect()
    named = [
        replace(
            history, identifier=f"k{number}",
            events=tuple(replace(e, event_id=f"{e.event_id}{number:05x}") for e in history.events),
        )
        for number, history in enumerate(found)
    ]  # fmt: skip
    return Population(tuple(named), tuple((number, number) for number in range(people)), (), ())


def main(arguments: list[str] | None = None) -> int:
    """Return 1 at the first disagreement, after saying how to see it again."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=100_000, help="how many identifiers")
    parser.add_argument("--seed", type=int, help="of the first round; drawn if not given")
    chosen = parser.parse_args(arguments)
    first = secrets.randbelow(2**31) if chosen.seed is None else chosen.seed
    rounds = -(-chosen.keys // (SIZE * PARTS))
    print(f"seed {first}: {rounds} rounds of {SIZE * PARTS} identifiers", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        models = ConsentModels(*compile_models(Path(folder)), seeds=seed_texts())
    census: Counter[tuple[str, ...]] = Counter()
    decisions = 0
    for number in track(range(rounds), description="rounds"):
        population, extra = draw(first + number)
        judge = Judge(population, first + number)
        population.insert(models)
        models.build()
        said = next(judge.disagreements(models), None)
        if said is None and number % 4 == 0:
            said = next(raised(models, list(population.histories), extra, first + number), None)
        if said is not None:
            print(f"{said}\n\nagain: make prove SEED={first + number} KEYS=1")
            return 1
        census.update(judge.census())
        decisions += len(judge.probes) + sum(map(len, judge.permissions.values()))
    for answer, count in sorted(census.items()):
        print(f"{count:>12,}  {' · '.join(answer)}")
    print(f"{rounds * SIZE * PARTS:,} identifiers, {decisions:,} decisions, no disagreement; seed {first}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
