"""From an expression to its objects: over the units beside it, as far as the clause holds."""

from __future__ import annotations

import re
from typing import NamedTuple

from samtykke.interests._grammar import Frame, Grammar
from samtykke.interests._lexicon import Meaning
from samtykke.interests._taxonomy import ancestors
from samtykke.interests._units import END, NATIONAL, PLACE, START, TERM, Sentence, Unit

TRAVEL, LANGUAGES, CUISINES = "653", "147", "214"
# Joining and passing words; see the classes of a grammar.
_CODES = frozenset("IOCFHNSMDAQTPJ^$")
# Unknown words that may stand before an object: adjectives, mostly.
_UNKNOWN = 1


class Found(NamedTuple):
    """An object of an expression."""

    unit: Unit
    interest_id: str
    polarity: int
    place: str | None


def walk(sentence: Sentence, match: re.Match[str], frame: Frame, rules: Grammar) -> list[Found]:
    """Return the objects of a matched frame, with their polarity; empty where the frame is negated away."""
    units = sentence.units
    begin, end = sentence.index(match.start()), sentence.index(match.end())
    inside = units[begin:end]
    denied = 0 if frame.absolute else sum(unit.code == "N" for unit in inside)
    if frame.zone == "match":
        zone = [unit for unit in inside if unit.code == TERM][-1:]
    elif frame.zone == "before":
        zone = units[1:begin]
    elif frame.zone == "z":
        zone = units[sentence.index(match.start("z")) : sentence.index(match.end("z"))]
    else:
        zone = units[end:]
    reader = _Reader(frame, rules, any(unit.code == "H" for unit in units))
    before = units[end - 1] if frame.zone == "after" and end else None
    objects = reader.read(zone, before)
    if objects and (reader.denied_behind if frame.zone == "after" else _denied_behind(units[end:])):
        denied += 1
    results = []
    for unit, meaning, place, flipped in objects:
        polarity = frame.polarity * (-1 if (denied + reader.denied_before + flipped) % 2 else 1)
        negated = (denied + reader.denied_before + flipped) > 0
        # Not hating is no liking; not doing is no disliking.
        if negated and (frame.act != "like" or frame.polarity < 0):
            continue
        results.append(Found(unit, meaning, polarity, place))
    return results


class _Reader:
    """Reads the zone of a frame from left to right.

    Attributes:
        denied_before: Negations before the first object.
        denied_behind: Whether a negation follows the last object (German, Dutch, Swedish word order).
    """

    def __init__(self, frame: Frame, rules: Grammar, habit: bool) -> None:
        self.frame, self.rules, self.habit = frame, rules, habit
        self.denied_before = 0
        self.denied_behind = False

    def read(self, zone: list[Unit], before: Unit | None = None) -> list[tuple[Unit, str, str | None, int]]:
        found: list[tuple[Unit, str, str | None, int]] = []
        unknown, blocked, flipped, fresh = 0, "", 0, True
        nation: Unit | None = None
        previous = before
        if self.frame.habit and not self.habit:
            return found
        for position, unit in enumerate(zone):
            code, following = unit.code, zone[position + 1] if position + 1 < len(zone) else None
            if found and following is not None and following.word in self.rules.words and _subject(zone, position + 2):
                break  # the next clause begins with its object: "... but mathematics I hated"
            if code in (TERM, PLACE) and fresh and not self._continues(unit, following):
                meaning = self._meaning(unit, previous, blocked)
                if meaning and not self._is_modifier(following):
                    found.append((unit, meaning, unit.place or (nation.place if nation else None), flipped))
                    fresh = False
                elif not found or not fresh:
                    if code == TERM and following is not None and following.code == TERM and not blocked:
                        previous = unit
                        continue
                    if not found:
                        return found
                nation = None
            elif nation is not None and fresh and not blocked and unit.word in self.rules.cuisine:
                found.append((unit, CUISINES, nation.place, flipped))
                fresh, nation = False, None
            elif code == NATIONAL and fresh:
                if self._names_language(following) and not blocked:
                    found.append((unit, LANGUAGES, None, flipped))
                    fresh = False
                else:
                    nation = unit
            elif code == "C":
                unknown, blocked, fresh, nation = 0, "", True, None
            elif code == "N":
                if found and fresh:
                    flipped = 1
                elif found:
                    self.denied_behind = True
                else:
                    self.denied_before += 1
            elif code in ("S", "M", "D"):
                if not fresh:
                    break
                blocked = code
            elif code in ("F", "H", "A", START):
                pass
            elif code in ("I", "O", "Q", END) or unit.word in self.rules.stops:
                break
            elif (fresh and (unit.word in self.rules.zone or unit.word in self.rules.infinitive)) or (
                not fresh and unit.word in self.rules.carry
            ):
                pass
            elif fresh and not found and unknown < _UNKNOWN and self.frame.act != "wish" and self._adjective(unit):
                unknown += 1
            else:
                break
            previous = unit
        return found

    def _adjective(self, unit: Unit) -> bool:
        """Whether an unknown word may be one; a German noun is told by its capital."""
        return (
            unit.word.isalpha()
            and unit.word not in self.rules.preps
            and not (self.rules.nouns_capital and unit.capital)
        )

    def _continues(self, unit: Unit, following: Unit | None) -> bool:
        """Whether a term is but the first part of a compound written apart: tennis shoes, dog food."""
        if following is None:
            return False
        if unit.code == PLACE:
            return following.word in self.rules.buildings
        if not self.rules.compounds_apart:
            return False
        if following.code == TERM:
            return True
        return (
            following.code not in _CODES
            and following.word.isalpha()
            and following.word not in self.rules.preps
            and following.word not in self.rules.stops
            and following.word not in self.rules.zone
            and following.word not in self.rules.carry
        )

    def _is_modifier(self, following: Unit | None) -> bool:
        return following is not None and following.word == "'s"

    def _meaning(self, unit: Unit, previous: Unit | None, blocked: str) -> str | None:
        frame = self.frame
        if unit.code == PLACE:
            suits = frame.act == "travel" or (frame.act == "like" and not frame.kinds - _LIKED and blocked in ("", "D"))
            return TRAVEL if suits else None
        infinitive = previous is not None and previous.word in self.rules.infinitive
        for meaning in sorted(unit.meanings, key=lambda m: (m.kind in ("inf", "joy")) != infinitive):
            if meaning.kind in frame.kinds and self._suits(unit, meaning, infinitive, blocked):
                return frame.fixed if frame.fixed and not _specific(meaning, frame) else meaning.interest_id
        return None

    def _suits(self, unit: Unit, meaning: Meaning, infinitive: bool, blocked: str) -> bool:
        if (
            meaning.kind in ("inf", "joy")
            and not infinitive
            and not self.rules.bare_infinitive
            and self.frame.act != "wish"
        ):
            return False
        if meaning.kind == "fin" and self.frame.act == "do" and not self.habit:
            return False
        if blocked and not self._generic(unit, meaning, blocked):
            return False
        return not self.frame.topics or bool(self.frame.topics & ancestors(meaning.interest_id))

    def _generic(self, unit: Unit, meaning: Meaning, blocked: str) -> bool:
        """Whether an object means a kind of thing although an article or "my" stands before it."""
        if blocked == "M":
            return meaning.kind in ("pet", "brand")
        return blocked == "D" and self.rules.nouns_capital and meaning.kind == "act" and unit.is_verb

    def _names_language(self, following: Unit | None) -> bool:
        if not (self.frame.nation or self.frame.act == "like"):
            return False
        return following is None or following.code in ("C", "N", "F", "H", END) or following.word in self.rules.preps


_LIKED = frozenset({"act", "play", "eat", "pet", "inf", "joy", "brand"})


def _denied_behind(units: list[Unit]) -> bool:
    """Whether a negation follows, adverbs aside: "Äpfel mag ich nicht"."""
    following = next((unit.code for unit in units if unit.code not in ("F", "H")), END)
    return following == "N"


def _subject(zone: list[Unit], position: int) -> bool:
    return position < len(zone) and zone[position].code in ("I", "O")


def _specific(meaning: Meaning, frame: Frame) -> bool:
    return frame.fixed in ancestors(meaning.interest_id)
