"""Write a tree as SQL that a person would have written: a CTE per leaf, sets of ``person_id`` at the end.

Each node gives two sets, the people for whom it holds and those for whom it does not; ``not`` swaps them, and whoever
is in neither is unknown. Only marts that are asked are read: everybody known (``customer_profile``) only where a
``not`` stands beside nothing that it could be taken from.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from samtykke.segments.conditions import NUMBERS
from samtykke.segments.tree import (
    Aggregate,
    AllOf,
    AnyOf,
    Compare,
    Did,
    Every,
    Followed,
    Has,
    InSegment,
    Knows,
    Moment,
    Never,
    NotOf,
    People,
    Period,
    Rows,
    Some,
    Window,
)
from samtykke.segments.vocabulary import PROFILE, Event, Vocabulary

_AS_OF = "{{ as_of() }}"
EVERYBODY = "everybody"


@dataclass(frozen=True)
class _Set:
    """People of a CTE, or everybody but them."""

    name: str
    is_complement: bool = False


def write_sql(people: People, vocabulary: Vocabulary) -> str:
    """Return the select of ``person_id`` that a tree means, as a dbt model."""
    return _Writer(vocabulary).write(people)


class _Writer:
    """Collects CTEs while it walks a tree."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._ctes: dict[str, str] = {}
        self._used: Counter[str] = Counter()

    def write(self, people: People) -> str:
        wanted = self._set(people, holds=True)
        if wanted.is_complement:
            wanted = self._from_everybody([wanted])
        last = self._ctes.pop(wanted.name)
        if not self._ctes:
            return f"{last}\n"
        listed = ",\n\n".join(f"{name} as (\n\n{_indented(body)}\n\n)" for name, body in self._ctes.items())
        return f"with\n\n{listed}\n\n{last}\n"

    def _set(self, people: People, *, holds: bool) -> _Set:
        if isinstance(people, NotOf):
            return self._set(people.part, holds=not holds)
        if isinstance(people, AllOf | AnyOf):
            parts = [self._set(part, holds=holds) for part in people.parts]
            return self._both(parts) if isinstance(people, AllOf) is holds else self._either(parts)
        if isinstance(people, Has):
            name = people.mart.name if holds else f"other_{people.mart.name}"
            condition = people.condition if holds else Never(people.condition)
            return self._add(name, _select(people.mart.name, [rows_sql(condition)]))
        if isinstance(people, Knows):
            known = self._add(f"{people.column}_known", _select(people.mart.name, [f"{people.column} is not null"]))
            return _Set(known.name, not holds)
        if isinstance(people, InSegment):
            return _Set(self._add(f"in_{people.name.replace('-', '_')}", people.sql.strip()).name, not holds)
        if isinstance(people, Followed):
            return _Set(self._followed(people).name, not holds)
        # where an aggregate may be unknown, whoever does not surely fail is left out of the other side too
        return _Set(self._add(people.event.name, self._did(people, is_certain=holds)).name, not holds)

    def _both(self, parts: list[_Set]) -> _Set:
        kept = [part for part in parts if not part.is_complement]
        dropped = [part for part in parts if part.is_complement]
        if not kept:
            return self._from_everybody(dropped)
        if len(parts) == 1:
            return kept[0]
        body = "\nintersect\n".join(f"select person_id from {part.name}" for part in kept)
        for part in dropped:
            body += f"\nexcept\nselect person_id from {part.name}"
        return self._add("all_of", body)

    def _either(self, parts: list[_Set]) -> _Set:
        if len(parts) == 1:
            return parts[0]
        parts = [self._from_everybody([part]) if part.is_complement else part for part in parts]
        return self._add("any_of", "\nunion\n".join(f"select person_id from {part.name}" for part in parts))

    def _from_everybody(self, dropped: list[_Set]) -> _Set:
        if EVERYBODY not in self._ctes:
            self._ctes = {EVERYBODY: f"select person_id\nfrom {{{{ ref('{PROFILE}') }}}}", **self._ctes}
        body = f"select person_id from {EVERYBODY}"
        for part in dropped:
            body += f"\nexcept\nselect person_id from {part.name}"
        return self._add("all_but", body)

    def _add(self, name: str, body: str) -> _Set:
        """Give a body a name; the same body is written once."""
        for known, written in self._ctes.items():
            if written == body:
                return _Set(known)
        self._used[name] += 1
        # a number always: a name alone could be a mart's, and would hide it
        unique = f"{name}_{self._used[name]}"
        self._ctes[unique] = body
        return _Set(unique)

    def _did(self, did: Did, *, is_certain: bool) -> str:
        body = _select(did.event.mart.name, self._rows(did), "group by person_id")
        if did.is_grouped:
            tests = [*(_aggregate_sql(item, did.event) for item in did.aggregates), *_ends(did)]
            having = "\n    and ".join(tests)
            body += f"\nhaving\n    {having}" if is_certain else f"\nhaving (\n    {having}\n) is not false"
        return body

    def _rows(self, did: Did) -> list[str]:
        conditions = ["person_id is not null", *(_only(name, value) for name, value in did.event.only)]
        if did.where is not None:
            parts = did.where.parts if isinstance(did.where, Every) else (did.where,)
            conditions += [rows_sql(part) for part in parts]
        conditions += _window_sql(did.event.occurred_at, did.window)
        if did.window.period:
            conditions += self._period(did.window.period, did.event)
        return conditions

    def _period(self, period: Period, event: Event) -> list[str]:
        column = event.occurred_at
        if period.season is None:
            return list(_year(column, period.years_back, 0, 12))
        north, south = (" and ".join(self._season(column, period, hemisphere)) for hemisphere in ("north", "south"))
        if not event.country:
            return [south if period.hemisphere == "south" else north]
        countries = ", ".join(_literal(country) for country in self._words.southern_countries)
        return [f"if(coalesce({event.country} in ({countries}), false), {south}, {north})"]

    def _season(self, column: str, period: Period, hemisphere: str) -> tuple[str, str]:
        months = self._words.season_months[hemisphere, period.season]
        first, last = months[0] - 1, months[-1]
        # a season belongs to the year in which it ends
        return _year(column, period.years_back, first - 12 if first >= last else first, last)

    def _followed(self, followed: Followed) -> _Set:
        names = []
        for step in followed.steps:
            body = _select(
                step.event.mart.name, self._rows(step), columns=f"person_id, {step.event.occurred_at} as happened_at"
            )
            self._used[step.event.name] += 1
            names.append(f"{step.event.name}_{self._used[step.event.name]}")
            self._ctes[names[-1]] = body
        first, last = names[0], names[-1]
        body = f"select {first}.person_id\nfrom {first}"
        for earlier, later in pairwise(names):
            body += (
                f"\ninner join {later}\n    on {first}.person_id = {later}.person_id"
                f"\n    and {later}.happened_at > {earlier}.happened_at"
            )
        body += f"\nwhere {last}.happened_at <= {first}.happened_at + interval {followed.within}"
        return self._add("in_turn", f"{body}\ngroup by {first}.person_id")


def rows_sql(rows: Rows) -> str:
    """Return a condition on a row; where a value is null it is null, as SQL has it."""
    if isinstance(rows, Every | Some):
        word = " and " if isinstance(rows, Every) else " or "
        return f"({word.join(rows_sql(part) for part in rows.parts)})"
    if isinstance(rows, Never):
        return f"not ({rows_sql(rows.part)})"
    return _compare_sql(rows)


def _compare_sql(compare: Compare) -> str:
    column = compare.columns[0] if len(compare.columns) == 1 else f"({' + '.join(compare.columns)})"
    operator, value = compare.operator, compare.values[0]
    if operator == "is" and isinstance(value, bool):
        return column if value else f"not {column}"
    if operator in NUMBERS:
        return f"{column} {NUMBERS[operator]} {_literal(value)}"
    if operator in ("in", "not_in"):
        values = ", ".join(_literal(item) for item in compare.values)
        return f"{column} {operator.replace('_', ' ')} ({values})"
    if operator in ("after", "before"):
        return f"{column} {'>=' if operator == 'after' else '<'} {_moment_sql(value)}"
    if operator == "known":
        return f"{column} is {'not ' if value else ''}null"
    if operator == "empty":
        return f"len({column}) {'=' if value else '>'} 0"
    return f"{'list_contains' if operator == 'contains' else 'starts_with'}({column}, {_literal(value)})"


def _aggregate_sql(aggregate: Aggregate, event: Event) -> str:
    if aggregate.function != "count":
        counted = f"{aggregate.function}({aggregate.column})"
    elif not event.unit:
        counted = "count(*)"
    else:
        unit = ", ".join(event.unit)
        counted = f"count(distinct {unit})" if len(event.unit) == 1 else f"count(distinct ({unit}))"
    return " and ".join(f"{counted} {NUMBERS[operator]} {_literal(value)}" for operator, value in aggregate.tests)


def _ends(did: Did) -> list[str]:
    column = did.event.occurred_at
    return [*_window_sql(f"min({column})", did.first), *_window_sql(f"max({column})", did.last)]


def _window_sql(column: str, window: Window) -> list[str]:
    return [
        *(f"{column} >= {_moment_sql(moment)}" for moment in window.after),
        *(f"{column} < {_moment_sql(moment)}" for moment in window.before),
    ]


def _year(column: str, years_back: int, first: int, last: int) -> tuple[str, str]:
    """From one month to another, counted from the start of the year that lies so far back."""
    start = f"date_trunc('year', {_AS_OF})"
    if years_back:
        start += f" - interval {years_back} year"
    return (
        f"{column} >= {start}{_months(first)}",
        f"{column} < {start}{_months(last)}",
    )


def _months(number: int) -> str:
    return "" if number == 0 else f" {'+' if number > 0 else '-'} interval {abs(number)} month"


def _moment_sql(moment: Moment) -> str:
    return f"timestamp '{moment.at}'" if moment.at else f"{_AS_OF} - interval {moment.ago}"


def _only(column: str, value: str) -> str:
    return {"true": column, "false": f"not {column}"}.get(value) or f"{column} = {value}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


def _select(mart: str, conditions: list[str], ending: str = "", *, columns: str = "person_id") -> str:
    where = "\n    and ".join(conditions)
    return f"select {columns}\nfrom {{{{ ref('{mart}') }}}}\nwhere\n    {where}" + (f"\n{ending}" if ending else "")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.splitlines())
