"""Plan what changes at a recipient: desired rows against the rows the ledger says it holds. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from samtykke.activation.destinations import DestinationSpec
from samtykke.activation.rows import Row

PERMISSION_ENDED = "permission_ended"
IDENTIFIER_REPLACED = "identifier_replaced"
LEFT_SEGMENT = "left_segment"
AUDIENCE_RETIRED = "audience_retired"
EXPIRES_SOON = "expires_before_next_run"


@dataclass(frozen=True)
class Standing:
    """What is known today about an identifier that a recipient holds.

    Attributes:
        is_permitted: Whether it might still be sent, for the recipient and for every purpose of the segment.
        person_id: Whose it is now; a merge or split since may have changed that.
        event_id: What ended the permission.
        is_ending: Whether it is permitted now but no longer when the next run comes.
    """

    is_permitted: bool
    person_id: str | None = None
    event_id: str | None = None
    is_ending: bool = False


@dataclass(frozen=True)
class Delta:
    """Rows to take out first, then rows to put in; ``unchanged`` and ``held_back`` count what stays."""

    removes: list[tuple[Row, str]]
    adds: list[Row]
    unchanged: int
    held_back: int
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def is_empty(self) -> bool:
        return not self.removes and not self.adds


def plan(
    spec: DestinationSpec,
    desired: Iterable[Row],
    sent: Iterable[Row],
    standings: Mapping[str, Standing],
    *,
    is_retired: bool = False,
    is_source_empty: bool = False,
    forgotten: frozenset[str] = frozenset(),
) -> Delta:
    """Return the removals and additions that bring a recipient from what it holds to what it should hold.

    Args:
        spec: The destination.
        desired: Rows that should be there.
        sent: Rows that are there, or may be.
        standings: By identifier key, for what was sent; an identifier without one is not permitted.
        is_retired: The audience is no longer declared: everything comes back.
        is_source_empty: The segment found nobody because what it reads is empty. That is more likely
            a failure upstream than a decision, so only removals that a permission demands are made.
        forgotten: Digests of rows that the platform will soon forget by itself: sent anew while they are wanted.
    """
    wanted = {row.identity: row for row in desired}
    held = {row.identity: row for row in sent}
    wanted_people = frozenset(person for row in wanted.values() for person in row.people)
    removes: list[tuple[Row, str]] = []
    held_back = 0
    for identity, row in held.items():
        if identity in wanted:
            continue
        reason = _reason(row, wanted_people, standings, is_retired)
        if is_source_empty and reason == LEFT_SEGMENT:
            held_back += 1
        else:
            removes.append((row, reason))
    disturbed = _disturbed(removes, standings) if spec.matches_people else frozenset()
    adds = [
        row
        for identity, row in wanted.items()
        if identity not in held or row.people & disturbed or row.digest in forgotten
    ]
    return Delta(removes, adds, len(wanted) - len(adds), held_back, Counter(reason for _, reason in removes))


def _reason(row: Row, wanted: frozenset[str], standings: Mapping[str, Standing], is_retired: bool) -> str:
    known = [standings.get(member.identifier_key) for member in row.members]
    if not all(standing and standing.is_permitted for standing in known):
        return PERMISSION_ENDED
    if any(standing.is_ending for standing in known if standing):
        return EXPIRES_SOON
    if is_retired:
        return AUDIENCE_RETIRED
    owners = row.people | {standing.person_id for standing in known if standing}
    return IDENTIFIER_REPLACED if owners & wanted else LEFT_SEGMENT


def _disturbed(removes: list[tuple[Row, str]], standings: Mapping[str, Standing]) -> frozenset[str]:
    """People whose account the platform finds through a removed row: theirs now, or when it was sent."""
    people = {person for row, _ in removes for person in row.people}
    keys = {member.identifier_key for row, _ in removes for member in row.members}
    return frozenset(people | {standings[key].person_id for key in keys if key in standings} - {None})
