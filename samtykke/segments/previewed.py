"""What a preview tells of a segment: counts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Overlap:
    """Another segment: its people, those of both, and those as a share of either."""

    segment: str
    people: int
    both: int
    jaccard: float | None


@dataclass(frozen=True)
class Step:
    """A step of the waterfall: people left after it, people lost at it, and why."""

    step: str
    people: int
    dropped: int
    reason: str | None


@dataclass(frozen=True)
class Waterfall:
    """From everybody known to a recipient's file, and whether that is enough.

    Attributes:
        recipient: Who would receive it.
        steps: In their order, up to the file.
        expected_low: People that can be expected to match, at least.
        expected_matched: In the middle.
        expected_high: At most.
        basis: What that rests on: ``reports`` of the recipient, or the ``prior``.
        minimum_matched: What the recipient asks for.
        business_minimum: What makes it worth while to us.
        status: ``ready``, ``below_platform_minimum`` or ``below_business_minimum``.
        suggestion: What may help; None where nothing is missing.
    """

    recipient: str
    steps: tuple[Step, ...]
    expected_low: int
    expected_matched: int
    expected_high: int
    basis: str
    minimum_matched: int
    business_minimum: int
    status: str
    suggestion: str | None


@dataclass(frozen=True)
class Preview:
    """What is known of a segment before it runs; ``before`` is its size of the last night, None for a new one."""

    segment: str
    as_of: str
    people: int
    before: int | None
    purposes: Mapping[str, tuple[str, ...]]
    overlaps: tuple[Overlap, ...]
    waterfalls: tuple[Waterfall, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
