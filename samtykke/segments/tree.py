"""A segment's tree as typed parts: ``grammar`` reads them from YAML, ``sql`` writes them as SQL.

What a part means, with three answers (yes, no, unknown):

* a **trait** is unknown where the person has no such row or the value is null (for one: masked); so is its ``not``;
* an **event** is there or not; a row on which a condition is unknown is no such event; an aggregate over nothing but
  nulls is unknown;
* ``all``, ``any`` and ``not`` follow Kleene's three-valued logic, and only a yes is in the segment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from samtykke.segments.vocabulary import Event, Mart


@dataclass(frozen=True)
class Moment:
    """A date, or so many units before the moment that the night takes as now."""

    at: datetime | None = None
    ago: str | None = None


@dataclass(frozen=True)
class Compare:
    """A column against values; ``columns`` of more than one are added up."""

    columns: tuple[str, ...]
    operator: str
    values: tuple[object, ...]


@dataclass(frozen=True)
class Every:
    parts: tuple[Rows, ...]


@dataclass(frozen=True)
class Some:
    parts: tuple[Rows, ...]


@dataclass(frozen=True)
class Never:
    part: Rows


# A condition on one row.
Rows = Compare | Every | Some | Never


@dataclass(frozen=True)
class Period:
    """A calendar year, or the season of it, so many years back; a season belongs to the year in which it ends."""

    years_back: int
    season: str | None
    hemisphere: Literal["north", "south"] | None


@dataclass(frozen=True)
class Window:
    """``after <= time < before``, and within a period."""

    after: tuple[Moment, ...] = ()
    before: tuple[Moment, ...] = ()
    period: Period | None = None


@dataclass(frozen=True)
class Aggregate:
    """A number over a person's events: ``count``, or ``sum``, ``avg``, ``min``, ``max`` of a column."""

    function: str
    column: str | None
    tests: tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class Did:
    """People with events: which rows count, and what must hold over all that do."""

    event: Event
    where: Rows | None
    window: Window
    aggregates: tuple[Aggregate, ...] = ()
    first: Window = field(default_factory=Window)
    last: Window = field(default_factory=Window)

    @property
    def is_grouped(self) -> bool:
        """Whether something is asked of all the events together."""
        return bool(self.aggregates or self.first != Window() or self.last != Window())


@dataclass(frozen=True)
class Has:
    """People with a trait."""

    mart: Mart
    condition: Rows


@dataclass(frozen=True)
class Knows:
    """People of whom a column is known; never itself unknown."""

    mart: Mart
    column: str


@dataclass(frozen=True)
class Followed:
    """People who did one thing after the other, the last within a time of the first."""

    steps: tuple[Did, ...]
    within: str


@dataclass(frozen=True)
class InSegment:
    """People of another segment, by its SQL."""

    name: str
    sql: str


@dataclass(frozen=True)
class AllOf:
    parts: tuple[People, ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[People, ...]


@dataclass(frozen=True)
class NotOf:
    part: People


People = Did | Has | Knows | Followed | InSegment | AllOf | AnyOf | NotOf
