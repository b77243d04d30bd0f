"""Generated people: identifiers with their histories, and whose they are."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.properties.consent_histories import batches
from tests.properties.consent_oracle import History
from tests.properties.consent_sql import ConsentModels
from tests.properties.consent_world import LOADS, WORLD


@dataclass(frozen=True)
class Population:
    """Identifiers with their histories, and whose they are."""

    histories: tuple[History, ...]
    owners: tuple[tuple[int, int], ...]  # person, history: an identifier of two people is shared
    links: tuple[tuple[int, int], ...] = ()  # person, history: believed, but not theirs; carries a no only
    mates: tuple[tuple[int, int], ...] = ()  # histories on one contact record

    def insert(self, models: ConsentModels) -> None:
        """Load the histories and what identity resolution would have made of them."""
        models.load(WORLD, self.histories)
        models.insert(
            "raw.contacts",
            [
                {"record_key": f"mates/{n}", "source": "crm", "email_key": self.histories[one].identifier,
                 "phone_key": self.histories[other].identifier, "has_name": False, "has_address": False,
                 "file_id": "f", "line_number": 1, "loaded_at": LOADS[0]}
                for n, (one, other) in enumerate(self.mates)
            ],
        )  # fmt: skip
        mine = [
            {"person_id": str(person_id(person)), "identifier_key": self.histories[number].identifier,
             "identifier_kind": "email", "is_blocked": False, "is_shared": self.is_shared(number)}
            for person, number in self.owners
        ]  # fmt: skip
        models.insert("intermediate.int_identity__person_identifiers", mine)
        models.insert(
            "intermediate.int_identity__person_links",
            [
                *({"person_id": row["person_id"], "identifier_key": row["identifier_key"],
                   "may_grant": not row["is_shared"]} for row in mine),
                *({"person_id": str(person_id(person)), "identifier_key": self.histories[number].identifier,
                   "may_grant": False} for person, number in self.links),
            ],
        )  # fmt: skip

    def is_shared(self, number: int) -> bool:
        return sum(number == other for _, other in self.owners) > 1


@st.composite
def populations(draw: st.DrawFn, size: int) -> Population:
    """People of one to a few identifiers, some shared, some only believed to be theirs; or everybody split up again."""
    histories = draw(batches(size))
    numbers = st.integers(0, size - 1)
    people = st.integers(1, max(2, size // 2))
    if draw(st.booleans()):
        owners = [(person + 1, person) for person in range(size)]
    else:
        owners = list(zip(draw(st.lists(people, min_size=size, max_size=size)), range(size), strict=True))
    some = st.lists(st.tuples(people, numbers), max_size=3, unique=True)
    shared = [pair for pair in draw(some) if pair not in owners]
    links = [pair for pair in draw(some) if pair not in owners and pair not in shared]
    mates = draw(st.lists(st.tuples(numbers, numbers), max_size=3))
    return Population(tuple(histories), (*owners, *shared), tuple(links), tuple(mates))


def merge(parts: list[Population]) -> Population:
    """One population of several, so that one build answers for all of them."""
    histories: list[History] = []
    people, owners, links, mates = 0, [], [], []
    for part in parts:
        base = len(histories)
        for number, history in enumerate(part.histories, base):
            said = tuple(replace(e, event_id=f"{e.event_id[:11]}{number:05x}") for e in history.events)
            histories.append(replace(history, identifier=f"k{number}", events=said))
        owners += [(people + person, base + number) for person, number in part.owners]
        links += [(people + person, base + number) for person, number in part.links]
        mates += [(base + one, base + other) for one, other in part.mates]
        people += 1 + max(person for person, _ in (*part.owners, *part.links))
    return Population(tuple(histories), tuple(owners), tuple(links), tuple(mates))


def person_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)
