"""From an expression to its objects: over the units beside it, as far as the clause holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from samtykke.interests._grammar import Frame, Grammar
from samtykke.interests._lexicon import Meaning
from samtykke.interests._taxonomy import ancestors
from samtykke.interests._units import END, NATIONAL, PLACE, START, TERM, Sentence, Unit

_ANY_SPORT = "483"
TRAVEL, LANGUAGES, CUISINES = "653", "147", "214"
# Behind food and cooking an adjective of nationality means food: "I love cooking, especially Italian".
_MEALS = frozenset({"210"})
_CLASSES = frozenset("IOCFHNSMDAQTPJ^$")
_INFINITIVES = frozenset({"inf", "joy"})
# How many unknown words may stand before an object: one, mostly an adjective.
_UNKNOWN = 1


class Found(NamedTuple):
    """An object of an expression."""

    unit: Unit
    interest_id: str
    polarity: int
    place: str | None


@dataclass
class _Object:
    unit: Unit
    interest_id: str
    place: str | None
    flipped: bool


def walk(sentence: Sentence, match: re.Match[str], frame: Frame, rules: Grammar) -> list[Found]:
    """Return the objects of a matched frame with their polarity; none where the frame is negated away."""
    units = sentence.units
    begin, end = sentence.index(match.start()), sentence.index(match.end())
    if frame.act == "travel" and not _journey(units[begin:end]):
        return []
    if frame.gives:
        said = any(unit.code == "N" for unit in units[begin:end])
        return [] if said else [Found(units[begin], frame.gives, frame.polarity, None)]
    zone, before = _zone(sentence, match, frame)
    reader = _Reader(frame, rules, habit=any(unit.code == "H" for unit in units), before=before)
    objects = reader.read(zone)
    denied = 0 if frame.absolute else sum(unit.code == "N" for unit in units[begin:end])
    denied += 0 if frame.zone == "z" else reader.denied_before
    denied += reader.denied_behind if frame.zone == "after" else _denied_behind(units[end:])
    found = []
    for item in objects:
        negations = denied + item.flipped
        if negations and (frame.act != "like" or frame.polarity < 0):
            continue  # not hating is no liking, not doing is no disliking
        polarity = -frame.polarity if negations % 2 else frame.polarity
        if polarity > 0 or not _occasional(units, item.unit, rules):
            found.append(Found(item.unit, item.interest_id, polarity, item.place))
    return found


def _zone(sentence: Sentence, match: re.Match[str], frame: Frame) -> tuple[list[Unit], Unit | None]:
    """Return the units in which a frame has its objects, and the unit before them."""
    units = sentence.units
    begin, end = sentence.index(match.start()), sentence.index(match.end())
    if frame.zone == "match":
        if _does(units[begin:end], units[end]):
            return [], None
        return [unit for unit in units[begin:end] if unit.code == TERM][-1:], None
    if frame.zone == "before":
        return units[1:begin], None
    if frame.zone == "z":
        return units[sentence.index(match.start("z")) : sentence.index(match.end("z"))], None
    return units[end:], units[end - 1] if end else None


def _does(matched: list[Unit], following: Unit) -> bool:
    """Whether a verb that is any sport's names which one behind it: "tränar karate"."""
    general = any(meaning.interest_id == _ANY_SPORT for unit in matched[-1:] for meaning in unit.meanings)
    return general and any(meaning.kind in ("act", "play") for meaning in following.meanings)


def _journey(units: list[Unit]) -> bool:
    """Whether the verb that opens an expression of travel is one: to fish in Norway is no journey yet."""
    verb = next((unit for unit in units if unit.code not in ("I", "C", "F", "H", "N", "M", START)), None)
    if verb is None or verb.code != TERM:
        return True
    return any(TRAVEL in ancestors(meaning.interest_id) for unit in units for meaning in unit.meanings)


def _denied_behind(units: list[Unit]) -> bool:
    """Whether a negation follows, adverbs aside: "Äpfel mag ich nicht"."""
    return next((unit.code for unit in units if unit.code not in ("F", "H")), END) == "N"


def _occasional(units: list[Unit], unit: Unit, rules: Grammar) -> bool:
    """Whether a dislike holds on an occasion only: "I don't like cooking when it is hot"."""
    behind = units[units.index(unit) + 1 :]
    following = next((other for other in behind if other.code not in ("F", "H")), None)
    return following is not None and following.word in rules.whens


class _Reader:
    """Reads the zone of a frame from left to right, one unit at a time.

    Attributes:
        objects: What was found.
        denied_before: Negations before the first object.
        denied_behind: Whether a negation follows the last object (German, Dutch, Swedish word order).
    """

    def __init__(self, frame: Frame, rules: Grammar, *, habit: bool, before: Unit | None) -> None:
        self.frame, self.rules, self.habit = frame, rules, habit
        self.objects: list[_Object] = []
        self.denied_before, self.denied_behind = 0, False
        self._previous = before
        self._begin_part()
        self._flipped = False

    def read(self, zone: list[Unit]) -> list[_Object]:
        """Return the objects in a zone."""
        if self.frame.habit and not self.habit:
            return []
        for position, unit in enumerate(zone):
            if self._next_clause(zone, position) or not self._take(unit, zone[position + 1 : position + 2]):
                break
            self._previous = unit
        return self.objects

    def _begin_part(self) -> None:
        """Begin a part of an enumeration: each may have its own article, adjective and object."""
        self._open, self._unknown, self._blocked = True, 0, ""
        self._nation: Unit | None = None

    def _next_clause(self, zone: list[Unit], position: int) -> bool:
        """Whether the next clause begins with its object: "... but mathematics I hated"."""
        verb, subject = zone[position + 1 : position + 2], zone[position + 2 : position + 3]
        return bool(self.objects and subject and verb[0].word in self.rules.words and subject[0].code in ("I", "O"))

    def _take(self, unit: Unit, following: list[Unit]) -> bool:
        """Read one unit; False where the zone ends."""
        code, rules = unit.code, self.rules
        if code in ("F", "H", "A", START):
            return True
        if code == "C":
            self._begin_part()
            return True
        if code == "N":
            return self._negation()
        if code in ("I", "O", "Q", END) or unit.word in rules.stops:
            return False
        if not self._open:
            return unit.word in rules.carry
        if code in ("S", "M", "D"):
            self._blocked = code
            return True
        if code in (TERM, PLACE) and not self._first_half(unit, following):
            return self._object(unit, following)
        if code == NATIONAL:
            return self._national(unit, following)
        return (self._nation is not None and self._of_nation(unit)) or self._passes(unit)

    def _negation(self) -> bool:
        if not self.objects:
            self.denied_before += 1
        elif self._open:
            self._flipped = True
        else:
            self.denied_behind = True
        return True

    def _object(self, unit: Unit, following: list[Unit]) -> bool:
        interest_id = self._meaning(unit)
        if interest_id and not (following and following[0].word == "'s"):
            self._add(unit, interest_id, unit.place or (self._nation.place if self._nation else None))
            return True
        # A verb before its own object: "playing football"; anything else ends the search for a first object.
        goes_on = bool(self.objects) or (bool(following) and following[0].code == TERM and not self._blocked)
        self._nation = None
        return goes_on

    def _national(self, unit: Unit, following: list[Unit]) -> bool:
        dish = bool(self.objects) and not ancestors(self.objects[-1].interest_id).isdisjoint(_MEALS)
        if self._names_language(following) and not self._blocked and not dish:
            self._add(unit, LANGUAGES, None)
        else:
            self._nation = unit
        return True

    def _of_nation(self, unit: Unit) -> bool:
        """Whether a word behind an adjective of nationality means its cooking or its language."""
        if unit.word in self.rules.cuisine and not self._blocked:
            self._add(unit, CUISINES, self._nation.place if self._nation else None)
            return True
        if unit.word in self.rules.language_words:
            self._add(unit, LANGUAGES, None)
            return True
        return False

    def _passes(self, unit: Unit) -> bool:
        """Whether an object may still come behind a word that is none itself."""
        rules = self.rules
        if self._unknown and unit.word in rules.preps:
            return False  # "the smell of garlic"
        if unit.word in rules.zone or unit.word in rules.infinitive:
            return True
        if unit.capital and unit.word.endswith("s") and not rules.nouns_capital:
            self._blocked = "S"  # "Toms kat"
            return True
        self._unknown += 1
        noun = rules.nouns_capital and unit.capital
        adjective = unit.word.isalpha() and unit.word not in rules.preps and not noun
        return adjective and not self.objects and self._unknown <= _UNKNOWN and self.frame.act != "wish"

    def _add(self, unit: Unit, interest_id: str, place: str | None) -> None:
        self.objects.append(_Object(unit, interest_id, place, self._flipped))
        self._open, self._nation = False, None

    def _first_half(self, unit: Unit, following: list[Unit]) -> bool:
        """Whether a term is but the first part of a compound written apart: tennis shoes, dog food."""
        if not following:
            return False
        word, rules = following[0].word, self.rules
        if unit.code == PLACE:
            return word in rules.buildings
        if not rules.compounds_apart:
            return False
        known = rules.preps | rules.stops | rules.zone | rules.carry
        return following[0].code == TERM or (following[0].code not in _CLASSES and word.isalpha() and word not in known)

    def _meaning(self, unit: Unit) -> str | None:
        """Return the node that a term or place stands for in this frame."""
        frame = self.frame
        if unit.code == PLACE:
            liked = frame.act == "like" and frame.kinds >= _INFINITIVES and self._blocked in ("", "D")
            return TRAVEL if liked or frame.act == "travel" else None
        infinitive = self._previous is not None and self._previous.word in self.rules.infinitive
        for meaning in sorted(unit.meanings, key=lambda m: (m.kind in _INFINITIVES) != infinitive):
            if meaning.kind in frame.kinds and self._suits(unit, meaning, infinitive):
                own = frame.fixed is None or frame.fixed in ancestors(meaning.interest_id)
                return meaning.interest_id if own else frame.fixed
        return None

    def _suits(self, unit: Unit, meaning: Meaning, infinitive: bool) -> bool:
        frame = self.frame
        if meaning.kind in _INFINITIVES and not (infinitive or self.rules.bare_infinitive or frame.act == "wish"):
            return False
        if meaning.kind == "fin" and frame.act == "do" and not self.habit:
            return False
        if not self._generic(unit, meaning):
            return False
        return not frame.topics or bool(frame.topics & ancestors(meaning.interest_id))

    def _generic(self, unit: Unit, meaning: Meaning) -> bool:
        """Whether an object means a kind of thing although an article or "my" stands before it."""
        if meaning.kind == "mine":
            return self._blocked == "M"
        if self._blocked == "M":
            return meaning.kind in ("pet", "brand")
        return not self._blocked or (
            self._blocked == "D" and self.rules.nouns_capital and meaning.kind == "act" and unit.is_verb
        )

    def _names_language(self, following: list[Unit]) -> bool:
        if not (self.frame.nation or self.frame.act == "like"):
            return False
        ends = not following or following[0].code in ("C", "N", "F", "H", END)
        return ends or following[0].word in self.rules.preps
