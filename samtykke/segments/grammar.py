"""Read a segment's tree: nested ``all``, ``any``, ``not`` over traits, events, sequences and other segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from samtykke.segments.conditions import (
    NUMBERS,
    WINDOW,
    column_of,
    items,
    read_condition,
    read_duration,
    read_number,
    read_where,
    read_window,
)
from samtykke.segments.located import Located, unknown_word
from samtykke.segments.tree import (
    Aggregate,
    AllOf,
    AnyOf,
    Did,
    Followed,
    Has,
    InSegment,
    Knows,
    Moment,
    NotOf,
    People,
    Window,
)
from samtykke.segments.vocabulary import PROFILE, Column, Event, Kind, Vocabulary

HEADS = ("all", "any", "not", "trait", "event", "sequence", "in_segment", "in_audience")
_AGGREGATES = ("count", "sum", "avg", "min", "max")
_EVENT = ("event", "where", *WINDOW, *_AGGREGATES, "first", "last", "not_since")
_STEP = ("event", "where", *WINDOW)


class Grammar:
    """Reads trees in the words of a project."""

    def __init__(self, vocabulary: Vocabulary, segment_sql: Callable[[str], str]) -> None:
        """Take the words, and who knows the SQL of another segment.

        Args:
            vocabulary: The words.
            segment_sql: Gives a segment's select by its name; raises KeyError where there is none, and
                RecursionError where it asks for the segment that asks.
        """
        self._words = vocabulary
        self._segment_sql = segment_sql

    def read(self, at: Located) -> People:
        """Read one node.

        Raises:
            DefinitionError: A word is unknown or a value does not fit; the message points at it.
        """
        keys = [key for key, _ in at.items()]
        heads = [key for key in keys if key in HEADS]
        if len(heads) != 1:
            for key in keys:
                if key not in (*HEADS, *_EVENT, "exclude", "within"):
                    raise at.unknown(key, (*HEADS, "exclude"))
            raise at.error(
                f"{' and '.join(heads)} cannot stand together; nest them under all or any"
                if heads
                else f"needs one of {', '.join(HEADS)}"
            )
        excluded = at.get("exclude")
        rest = replace(at, value={key: item for key, item in at.value.items() if key != "exclude"})
        found = self._head(heads[0], rest)
        if excluded is None:
            return found
        nodes = items(excluded) if isinstance(excluded.value, list) else [excluded]
        return AllOf((found, *(NotOf(self.read(node)) for node in nodes)))

    def _head(self, head: str, at: Located) -> People:
        item = at.value[head]
        if head == "event":
            return self._did(at, _EVENT)
        if head == "trait":
            return self._trait(at)
        if head == "sequence":
            return self._sequence(at)
        self._only(at, (head,))
        if head in ("in_segment", "in_audience"):
            return self._segment(item)
        if head == "not":
            return NotOf(self.read(item))
        parts = tuple(self.read(part) for part in items(item))
        return AllOf(parts) if head == "all" else AnyOf(parts)

    def _only(self, at: Located, known: tuple[str, ...]) -> None:
        for key, _ in at.items():
            if key not in known:
                raise at.unknown(key, known)

    def _trait(self, at: Located) -> People:
        item = at.value["trait"]
        names = [part.word() for part in items(item)] if isinstance(item.value, list) else [item.word()]
        traits = self._words.traits
        for position, name in enumerate(names):
            if name not in traits:
                place = item.value[position] if isinstance(item.value, list) else item
                raise place.error(unknown_word(name, self._near(name, traits)))
        marts = {traits[name][0].name: traits[name][0] for name in names}
        columns = [traits[name][1] for name in names]
        if len(marts) > 1:
            raise item.error("the columns that are added up must be of one mart")
        if consent := [column.name for column in columns if column.is_consent]:
            raise item.error(f"'{consent[0]}' is a fact of consent: nobody writes a condition on that, it is derived")
        if len(columns) > 1 and any(column.kind is not Kind.NUMBER for column in columns):
            raise item.error("only numbers are added up")
        (mart,) = marts.values()
        asked = replace(
            at,
            value={key: part for key, part in at.value.items() if key != "trait"},
            keys={key: place for key, place in at.keys.items() if key != "trait"},
        )
        known = asked.value.get("known")
        if known is not None and len(asked.value) == 1 and len(columns) == 1 and isinstance(known.value, bool):
            return Knows(mart, columns[0].name) if known.value else NotOf(Knows(mart, columns[0].name))
        if known is not None:
            raise asked.error("known: true or known: false stands alone, for one column", key="known")
        return Has(mart, read_condition(asked, columns[0], tuple(column.name for column in columns)))

    def _near(self, name: str, traits: dict) -> list[str]:
        """What a wrong trait may have meant: the profile's columns, or everything once a mart is named."""
        if "." in name:
            return [key for key in traits if "." in key and not key.startswith(f"{PROFILE}.")]
        return [key for key in traits if "." not in key]

    def _did(self, at: Located, known: tuple[str, ...]) -> Did:
        self._only(at, known)
        named = at.value["event"]
        if named.word() not in self._words.events:
            raise named.error(unknown_word(named.value, self._words.events))
        event = self._words.events[named.word()]
        where = at.get("where")
        window = read_window(at, self._words.seasons)
        if window.period and window.period.hemisphere and event.country:
            raise at.error(f"{event.name} knows the hemisphere by its country", key="hemisphere")
        return Did(
            event=event,
            where=read_where(where, event.mart.columns) if where else None,
            window=window,
            aggregates=tuple(self._aggregate(at, name, event) for name in _AGGREGATES if at.get(name)),
            first=self._end(at, "first"),
            last=self._last(at),
        )

    def _end(self, at: Located, key: str) -> Window:
        item = at.get(key)
        return read_window(item, only=True) if item else Window()

    def _last(self, at: Located) -> Window:
        last, since = self._end(at, "last"), at.get("not_since")
        if since is None:
            return last
        ago = Moment(ago=read_duration(since))
        return replace(last, before=(*last.before, ago))

    def _aggregate(self, at: Located, function: str, event: Event) -> Aggregate:
        item = at.value[function]
        if not isinstance(item.value, dict):
            if function != "count":
                raise item.error(f"needs of: a column, and one of {', '.join(NUMBERS)}")
            return self._counted(item, (("is", read_number(item)),))
        known = NUMBERS if function == "count" else (*NUMBERS, "of")
        self._only(item, tuple(known))
        tests = tuple((key, read_number(part)) for key, part in item.items() if key != "of")
        if not tests:
            raise item.error(f"needs one of {', '.join(NUMBERS)}")
        if function == "count":
            return self._counted(item, tests)
        return Aggregate(function, self._number(item, event).name, tests)

    def _counted(self, at: Located, tests: tuple[tuple[str, object], ...]) -> Aggregate:
        """People without events are not counted at all, so that a count that only nobody has would be empty."""
        operator, limit = tests[0]
        if any(test in ("is", "is_not") and number != int(number) for test, number in tests):
            raise at.error("a count is a whole number")
        if (operator in ("is", "at_most") and limit < 1) or (operator == "below" and limit <= 1):
            raise at.error("whoever did it did it once at least; for nobody write not: {event: ...}")
        return Aggregate("count", None, tests)

    def _number(self, at: Located, event: Event) -> Column:
        of = at.get("of")
        if of is None:
            raise at.error("needs of: a column")
        numbers = [name for name, column in event.mart.columns.items() if column.kind is Kind.NUMBER]
        if of.word() not in numbers:
            raise of.error(unknown_word(of.value, numbers))
        return column_of(at, "of", {"of": event.mart.columns[of.word()]})

    def _sequence(self, at: Located) -> Followed:
        self._only(at, ("sequence", "within"))
        steps = items(at.value["sequence"])
        if len(steps) < 2:
            raise at.value["sequence"].error("needs two events or more, one after the other")
        if at.get("within") is None:
            raise at.error("needs within: the time from the first to the last, for example 7 days")
        for step in steps:
            if step.get("event") is None:
                raise step.error("a step is an event")
        return Followed(tuple(self._did(step, _STEP) for step in steps), read_duration(at.value["within"]))

    def _segment(self, at: Located) -> InSegment:
        try:
            return InSegment(at.word(), self._segment_sql(at.word()))
        except KeyError as problem:
            raise at.error(unknown_word(at.value, problem.args[0])) from None
        except RecursionError:
            raise at.error(f"segment {at.value} asks for this one") from None
