"""Who is in a segment, by walking its tree over plain rows: another reading of the grammar than the SQL's.

Answers are True, False or None (unknown), combined as Kleene does; an event is there or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

Row = Mapping[str, Any]
# event -> table, time, key that counts it, which rows are such events
EVENTS: dict[str, tuple[str, str, tuple[str, ...], Callable[[Row], bool | None]]] = {
    "bought": ("order_facts", "ordered_at", ("source", "order_id"), lambda row: row["is_sale"]),
    "visited": ("web_sessions", "started_at", ("session_key",), lambda row: not row["is_bot"]),
}
SUMMER = {"north": (6, 9), "south": (-1, 2)}


class Oracle:
    """One world of tables, one moment."""

    def __init__(self, tables: Mapping[str, list[Row]], as_of: datetime) -> None:
        self._tables = tables
        self._as_of = as_of

    def members(self, tree: Mapping) -> set[Any]:
        people = {row["person_id"] for row in self._tables["customer_profile"]}
        return {person for person in people if self._holds(tree, person) is True}

    def _holds(self, tree: Mapping, person: Any) -> bool | None:
        tree = dict(tree)
        excluded = tree.pop("exclude", None)
        if excluded is not None:
            nodes = excluded if isinstance(excluded, list) else [excluded]
            return _all([self._holds(tree, person), *(_not(self._holds(node, person)) for node in nodes)])
        if "all" in tree:
            return _all([self._holds(part, person) for part in tree["all"]])
        if "any" in tree:
            return _not(_all([_not(self._holds(part, person)) for part in tree["any"]]))
        if "not" in tree:
            return _not(self._holds(tree["not"], person))
        if "trait" in tree:
            return self._has(tree, person)
        if "sequence" in tree:
            return self._in_turn(tree, person)
        return self._did(tree, person)

    def _has(self, tree: Mapping, person: Any) -> bool | None:
        names = tree["trait"] if isinstance(tree["trait"], list) else [tree["trait"]]
        table = names[0].split(".")[0] if "." in names[0] else "customer_profile"
        rows = [row for row in self._tables[table] if row["person_id"] == person]
        asked = {key: value for key, value in tree.items() if key != "trait"}
        values = [rows[0][name.split(".")[-1]] for name in names] if rows else [None]
        if "known" in asked:
            return (values[0] is not None) is asked["known"]
        value = None if None in values else (sum(values) if len(values) > 1 else values[0])
        return _all([self._compare(value, operator, wanted) for operator, wanted in asked.items()])

    def _compare(self, value: Any, operator: str, wanted: Any) -> bool | None:
        if operator == "known":
            return (value is not None) is wanted
        if value is None:
            return None
        if operator == "within":
            return value >= self._moment(f"{wanted} ago")
        if operator in ("before", "after"):
            return value < self._moment(wanted) if operator == "before" else value >= self._moment(wanted)
        return {
            "is": lambda: value == wanted,
            "is_not": lambda: value != wanted,
            "in": lambda: value in wanted,
            "not_in": lambda: value not in wanted,
            "above": lambda: value > wanted,
            "at_least": lambda: value >= wanted,
            "below": lambda: value < wanted,
            "at_most": lambda: value <= wanted,
            "contains": lambda: wanted in value,
            "empty": lambda: (len(value) == 0) is wanted,
            "starts_with": lambda: value.startswith(wanted),
        }[operator]()

    def _row(self, where: Mapping, row: Row) -> bool | None:
        answers = []
        for key, asked in where.items():
            if key == "all":
                answers += [self._row(part, row) for part in asked]
            elif key == "any":
                answers.append(_not(_all([_not(self._row(part, row)) for part in asked])))
            elif key == "not":
                answers.append(_not(self._row(asked, row)))
            elif isinstance(asked, dict):
                answers += [self._compare(row[key], operator, wanted) for operator, wanted in asked.items()]
            else:
                answers.append(self._compare(row[key], "in" if isinstance(asked, list) else "is", asked))
        return _all(answers)

    def _events(self, tree: Mapping, person: Any) -> list[Row]:
        table, time, _, counts = EVENTS[tree["event"]]
        return [
            row
            for row in self._tables[table]
            if row["person_id"] == person
            and counts(row)
            and self._row(tree.get("where", {}), row) is True
            and self._in_window(tree, row[time], row)
        ]

    def _in_window(self, tree: Mapping, time: datetime, row: Row) -> bool:
        if "within" in tree and not time >= self._moment(f"{tree['within']} ago"):
            return False
        if "after" in tree and not time >= self._moment(tree["after"]):
            return False
        if "before" in tree and not time < self._moment(tree["before"]):
            return False
        if "between" in tree:
            first, second = map(self._moment, tree["between"])
            if not first <= time < second:
                return False
        if "years_back" not in tree:
            return True
        start = datetime(self._as_of.year - tree["years_back"], 1, 1)
        hemisphere = tree.get("hemisphere") or ("south" if row.get("country") == "AU" else "north")
        first, last = SUMMER[hemisphere] if "season" in tree else (1, 13)
        offset = (first - 1, last - 1) if first > 0 else (first, last)
        return start + relativedelta(months=offset[0]) <= time < start + relativedelta(months=offset[1])

    def _did(self, tree: Mapping, person: Any) -> bool | None:
        rows = self._events(tree, person)
        if not rows:
            return False
        _, time, unit, _ = EVENTS[tree["event"]]
        answers: list[bool | None] = []
        for function in ("count", "sum", "avg", "min", "max"):
            if function not in tree:
                continue
            asked = tree[function]
            if not isinstance(asked, dict):
                asked = {"is": asked}
            tests = {key: value for key, value in asked.items() if key != "of"}
            value: Any
            if function == "count":
                value = len({tuple(row[name] for name in unit) for row in rows})
            else:
                given = [row[asked["of"]] for row in rows if row[asked["of"]] is not None]
                value = None if not given else _AGGREGATES[function](given)
            answers += [self._compare(value, operator, wanted) for operator, wanted in tests.items()]
        times = [row[time] for row in rows]
        if "first" in tree:
            answers.append(self._in_window(tree["first"], min(times), {}))
        if "last" in tree:
            answers.append(self._in_window(tree["last"], max(times), {}))
        if "not_since" in tree:
            answers.append(max(times) < self._moment(f"{tree['not_since']} ago"))
        return _all(answers)

    def _in_turn(self, tree: Mapping, person: Any) -> bool:
        steps = [[row[EVENTS[step["event"]][1]] for row in self._events(step, person)] for step in tree["sequence"]]
        return any(self._chain(first, first, steps[1:], tree["within"]) for first in steps[0])

    def _chain(self, first: datetime, now: datetime, rest: list[list[datetime]], within: str) -> bool:
        if not rest:
            return now <= first + _span(within)
        return any(self._chain(first, later, rest[1:], within) for later in rest[0] if later > now)

    def _moment(self, value: Any) -> datetime:
        if isinstance(value, str):
            return self._as_of - _span(value.removesuffix(" ago"))
        return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


_AGGREGATES: dict[str, Callable[[list[int]], float]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
}


def _span(text: str) -> timedelta | relativedelta:
    number, unit = re.fullmatch(r"(\d+) ([a-z]+?)s?", text).groups()  # type: ignore[union-attr]
    return relativedelta(**{f"{unit}s": int(number)})


def _all(answers: Iterable[bool | None]) -> bool | None:
    answers = list(answers)
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer
