"""Read conditions on columns: ``product_type: jeans``, ``revenue: {at_least: 100}``, windows and moments."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from samtykke.segments.located import Located, unknown_word
from samtykke.segments.tree import Compare, Every, Moment, Never, Period, Rows, Some, Window
from samtykke.segments.vocabulary import Column, Kind

NUMBERS = {"is": "=", "is_not": "<>", "above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_TIMES = ("within", "before", "after")
_OPERATORS = {
    Kind.TEXT: ("is", "is_not", "in", "not_in", "starts_with", "known"),
    Kind.NUMBER: (*NUMBERS, "in", "not_in", "known"),
    Kind.TRUTH: ("is", "known"),
    Kind.TIME: (*_TIMES, "known"),
    Kind.LIST: ("contains", "empty", "known"),
    Kind.OTHER: ("known",),
}
OPERATORS = sorted({name for names in _OPERATORS.values() for name in names})
WINDOW = (*_TIMES, "between", "years_back", "season", "hemisphere")
_DURATION = re.compile(r"([1-9][0-9]{0,4}) (minute|hour|day|week|month|year)s?")
_YEARS = 200


def read_where(at: Located, columns: Mapping[str, Column]) -> Rows:
    """Read a mapping of columns to conditions, all of which must hold; ``all``, ``any`` and ``not`` nest.

    Raises:
        samtykke.segments.located.DefinitionError: A word is unknown or a value does not fit its column.
    """
    parts: list[Rows] = []
    for key, item in at.items():
        if key in ("all", "any"):
            listed = Every if key == "all" else Some
            parts.append(listed(tuple(read_where(part, columns) for part in items(item))))
        elif key == "not":
            parts.append(Never(read_where(item, columns)))
        elif key in columns:
            parts.append(read_condition(item, column_of(at, key, columns)))
        else:
            raise at.unknown(key, [*columns, "all", "any", "not"])
    if not parts:
        raise at.error("says nothing")
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def column_of(at: Located, key: str, columns: Mapping[str, Column]) -> Column:
    """Return a column that may be asked for; a consent fact may not."""
    if columns[key].is_consent:
        raise at.error(f"'{key}' is a fact of consent: nobody writes a condition on that, it is derived", key=key)
    return columns[key]


def read_condition(at: Located, column: Column, columns: tuple[str, ...] = ()) -> Rows:
    """Read what is asked of a column: a value, a list of values, or operators, all of which must hold.

    Args:
        at: The condition.
        column: The column, for its kind.
        columns: What is compared, where it is a sum of several.
    """
    names = columns or (column.name,)
    if isinstance(at.value, list):
        return _compare(at, column, names, "in")
    if not isinstance(at.value, dict):
        return _compare(at, column, names, "is")
    parts = []
    for operator, item in at.items():
        if operator not in OPERATORS:
            raise at.unknown(operator, _OPERATORS[column.kind])
        if operator not in _OPERATORS[column.kind]:
            raise at.error(f"{operator} does not fit {column.name}, {column.kind.value}", key=operator)
        parts.append(_compare(item, column, names, operator))
    if not parts:
        raise at.error("says nothing")
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _compare(at: Located, column: Column, names: tuple[str, ...], operator: str) -> Compare:
    if operator not in _OPERATORS[column.kind]:
        raise at.error(f"{column.name} is {column.kind.value}; ask with {', '.join(_OPERATORS[column.kind])}")
    if operator in ("in", "not_in"):
        values = tuple(_value(item, column.kind) for item in items(at))
        return Compare(names, operator, values)
    if operator in ("known", "empty"):
        return Compare(names, operator, (_value(at, Kind.TRUTH),))
    if operator in ("contains", "starts_with"):
        return Compare(names, operator, (_value(at, Kind.TEXT),))
    if operator == "within":
        return Compare(names, "after", (Moment(ago=read_duration(at)),))
    if operator in _TIMES:
        return Compare(names, operator, (read_moment(at),))
    return Compare(names, operator, (_value(at, column.kind),))


def items(at: Located) -> list[Located]:
    """Return the elements of a list that has some."""
    if not isinstance(at.value, list) or not at.value:
        raise at.error("must be a list with something in it")
    return at.value


def _value(at: Located, kind: Kind) -> object:
    value = at.value
    fits = {
        Kind.TEXT: isinstance(value, str),
        Kind.NUMBER: isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
        Kind.TRUTH: isinstance(value, bool),
    }
    if not fits.get(kind, False):
        hint = "; to ask for nothing, write known: false" if value is None else ""
        hint = hint or ("; put it in quotes" if kind is Kind.TEXT and not isinstance(value, list | dict) else "")
        raise at.error(f"must be {kind.value}{hint}")
    # a template's marks would be read by dbt, a line break would leave the literal's line
    if isinstance(value, str) and (re.search(r"\{[{%#]|[%#}]\}", value) or not value.isprintable()):
        raise at.error("a text holds no template marks and no line breaks")
    return value


def read_number(at: Located) -> object:
    """Return a number."""
    return _value(at, Kind.NUMBER)


def read_duration(at: Located, *, suffix: str = "") -> str:
    """Return ``30 day`` for ``30 days``."""
    match = _DURATION.fullmatch(str(at.value).removesuffix(suffix))
    if not match or (suffix and not str(at.value).endswith(suffix)):
        raise at.error(f"'{at.value}' is no time; for example: 30 days{suffix}, 2 years{suffix}")
    if match[2] == "year" and int(match[1]) > _YEARS:
        raise at.error(f"no more than {_YEARS} years")
    return f"{match[1]} {match[2]}"


def read_moment(at: Located) -> Moment:
    """Return a date, a date with time (UTC unless it says otherwise), or ``90 days ago``."""
    value = at.value
    if isinstance(value, datetime):
        return Moment(at=value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value)
    if isinstance(value, date):
        return Moment(at=datetime(value.year, value.month, value.day))
    if isinstance(value, str) and value.endswith(" ago"):
        return Moment(ago=read_duration(at, suffix=" ago"))
    raise at.error(f"'{value}' is no moment; for example: 2026-03-01, or 90 days ago")


def read_window(at: Located, seasons: Iterable[str] = (), *, only: bool = False) -> Window:
    """Read the words of a window among the keys of a mapping.

    Args:
        at: The mapping.
        seasons: The seasons that are known; without any, a window has no period.
        only: Whether the mapping may hold nothing else.
    """
    words = WINDOW if seasons else WINDOW[:4]
    after: list[Moment] = []
    before: list[Moment] = []
    for key, item in at.items():
        if only and key not in words:
            raise at.unknown(key, words)
        if key == "within":
            after.append(Moment(ago=read_duration(item)))
        elif key == "after":
            after.append(read_moment(item))
        elif key == "before":
            before.append(read_moment(item))
        elif key == "between":
            if len(ends := items(item)) != 2:
                raise item.error("must be two moments: from the first, up to but not at the second")
            first, last = map(read_moment, ends)
            if first.at and last.at and not first.at < last.at:
                raise item.error("the first moment must lie before the second")
            after.append(first)
            before.append(last)
    if only and not (after or before):
        raise at.error(f"needs one of {', '.join(words)}")
    return Window(tuple(after), tuple(before), _period(at, set(seasons)) if seasons else None)


def _period(at: Located, seasons: set[str]) -> Period | None:
    back, season, hemisphere = (at.get(key) for key in ("years_back", "season", "hemisphere"))
    if season and season.word() not in seasons:
        raise season.error(unknown_word(season.value, seasons))
    if hemisphere and hemisphere.word() not in ("north", "south"):
        raise hemisphere.error(unknown_word(hemisphere.value, ("north", "south")))
    if hemisphere and not season:
        raise at.error("hemisphere needs a season", key="hemisphere")
    if season and not back:
        raise at.error("season needs years_back: 0 for this year's, 1 for last year's", key="season")
    if back is None:
        return None
    if type(back.value) is not int or not 0 <= back.value <= _YEARS:
        raise back.error(f"must be a whole number from 0 to {_YEARS}")
    return Period(back.value, season and season.value, hemisphere and hemisphere.value)
