"""Compose a destination's rows from people's identifiers. Pure: clear values come in, rows go out.

A person takes as many rows as the most identifiers they have of one kind: the first e-mail stands beside the
first phone, the second beside the second. People who bring the same value (records that consent keeps apart, or
two addresses that a platform makes equal) are composed together, so that a value stands in a file once.
A row is known by a keyed digest of its identifying cells, so that the ledger can tell later what left without
holding it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from samtykke import hashing
from samtykke.activation.destinations import DestinationSpec
from samtykke.keys import identifier_key

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Member:
    """One identifier of one person who may be sent to one recipient for one segment."""

    person_id: str
    identifier_key: str
    identifier_kind: str
    country: str | None = None
    authorising_event_id: str | None = None


@dataclass(frozen=True)
class Row:
    """One row of a file, with the identifiers it carries.

    Attributes:
        digest: Keyed digest of the identifying cells.
        cells: In the order of the header; empty for a row known from the ledger only.
        members: Whose identifiers they are; of several people where a platform's rules make two of them equal.
    """

    digest: str
    cells: tuple[str, ...]
    members: frozenset[Member]

    @cached_property
    def identity(self) -> tuple[str, frozenset[str]]:
        """What makes two rows the same delivery: the same cells on account of the same identifiers."""
        return self.digest, frozenset(member.identifier_key for member in self.members)

    @property
    def people(self) -> frozenset[str]:
        return frozenset(member.person_id for member in self.members)


class Composer:
    """Composes rows for one recipient; hashes every value once, however many segments hold the person."""

    def __init__(self, spec: DestinationSpec, recipient: str, pepper: bytes, values: Mapping[str, str]):
        """Take the clear values by identifier key, and the secret of the digests."""
        self._spec = spec
        self._recipient = recipient
        self._pepper = pepper
        self._values = values
        self._cells: dict[str, hashing.Hashed] = {}
        self._countries: dict[str | None, str] = {None: ""}
        self._kinds = [column.kind for column in spec.columns]

    def compose(self, members: Iterable[Member]) -> tuple[list[Row], Counter[str]]:
        """Return the rows of the given people, one per digest, and the identifiers left out, by reason.

        Left out is an identifier that has no value in the vault, or one that the platform does not take.
        """
        usable: list[Member] = []
        unusable: Counter[str] = Counter()
        for member in members:
            found = self._cell(member)
            if member.identifier_kind not in self._spec.identifier_kinds:
                unusable["not_accepted"] += 1
            elif found.value is None:
                unusable[found.reason or "unknown"] += 1
            else:
                usable.append(member)
        return [row for theirs in self._together(usable) for row in self._rows_of(theirs)], unusable

    def _together(self, members: list[Member]) -> Iterable[list[Member]]:
        """Members by person, people with a value in common together."""
        group_of: dict[str, str] = {}

        def root(person: str) -> str:
            while (parent := group_of.setdefault(person, person)) != person:
                group_of[person] = group_of[parent]
                person = parent
            return person

        holder: dict[tuple[str, str | None], str] = {}
        for member in members:
            first = holder.setdefault((member.identifier_kind, self._cell(member).value), member.person_id)
            group_of[root(member.person_id)] = root(first)
        together: dict[str, list[Member]] = defaultdict(list)
        for member in members:
            together[root(member.person_id)].append(member)
        return together.values()

    def recompose(self, row: Row) -> tuple[str, ...] | None:
        """Return the line that takes out a row sent earlier: its identifying cells alone.

        None where today's values and rules no longer give what left then: an erased value, a changed rule.
        """
        cells: dict[str, str] = {}
        for member in row.members:
            cell = self._cell(member).value
            if cell is None or cells.setdefault(member.identifier_kind, cell) != cell:
                return None
        return self._line(cells, None) if self.digest(cells) == row.digest else None

    def digest(self, cells: Mapping[str, str]) -> str:
        """Return the keyed digest of a row's identifying cells, by kind."""
        identifying = _SEPARATOR.join(cells.get(kind, "") for kind in self._spec.identifier_kinds)
        return identifier_key(self._pepper, f"sent:{self._recipient}", identifying)

    def _rows_of(self, members: list[Member]) -> Iterable[Row]:
        holders: dict[str, dict[str, list[Member]]] = {kind: {} for kind in self._spec.identifier_kinds}
        for member in members:
            holders[member.identifier_kind].setdefault(self._cell(member).value, []).append(member)
        country = min((member.country for member in members if member.country), default=None)
        for cells in zip_longest(*(sorted(cells) for cells in holders.values())):
            present = {kind: cell for kind, cell in zip(holders, cells, strict=True) if cell is not None}
            carried = frozenset(member for kind, cell in present.items() for member in holders[kind][cell])
            yield Row(self.digest(present), self._line(present, country), carried)

    def _line(self, cells: Mapping[str, str], country: str | None) -> tuple[str, ...]:
        if country not in self._countries:
            self._countries[country] = hashing.for_platform(self._spec.platform, "country", country).value or ""
        return tuple(self._countries[country] if kind == "country" else cells.get(kind, "") for kind in self._kinds)

    def _cell(self, member: Member) -> hashing.Hashed:
        known = self._cells.get(member.identifier_key)
        if known is None:
            value = self._values.get(member.identifier_key)
            known = (
                hashing.for_platform(self._spec.platform, member.identifier_kind, value)
                if value is not None
                else hashing.Hashed(None, "not_in_vault")
            )
            self._cells[member.identifier_key] = known
        return known
