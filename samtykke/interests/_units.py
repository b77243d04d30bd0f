"""Sentences as sequences of small codes, which the grammars' expressions read."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from samtykke.interests._grammar import Grammar
from samtykke.interests._lexicon import Lexicon, Meaning
from samtykke.interests._words import Token

# An adverb inside of a term has at most so many words.
_INSIDE = 3
# A compound has a first part and a head of at least so many letters; some heads are shorter.
_PART, _HEAD, _SHORT_HEAD = 3, 4, 3
_SHORT_HEADS = frozenset({"ost", "mat", "mad"})
_HEAD_KINDS = frozenset({"act", "eat", "pet"})
TERM, PLACE, NATIONAL = "T", "P", "J"
START, END = "^", "$"


@dataclass(frozen=True, slots=True)
class Unit:
    """What one code stands for: a word, a class of words, a term of the lexicon, a place."""

    code: str
    start: int
    end: int
    word: str = ""
    meanings: tuple[Meaning, ...] = ()
    place: str | None = None
    brand: str | None = None
    capital: bool = False

    @property
    def is_verb(self) -> bool:
        """Whether a noun is a verb made a noun ("das Lesen"): such a noun means the activity, not one case of it."""
        return {"act", "inf"} <= {meaning.kind for meaning in self.meanings}


@dataclass
class Sentence:
    """Units, and their codes as one string, a blank behind each."""

    units: list[Unit]
    codes: str = ""
    offsets: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        position = 0
        for unit in self.units:
            self.offsets.append(position)
            position += len(unit.code) + 1
        self.codes = "".join(f"{unit.code} " for unit in self.units)

    def index(self, position: int) -> int:
        """Return the number of the unit at a position of the codes; behind the end, how many there are."""
        return bisect_right(self.offsets, position) - 1 if position < len(self.codes) else len(self.units)


def read(tokens: list[Token], lexicon: Lexicon, rules: Grammar) -> Sentence:
    """Turn the tokens of a sentence into units, the longest term first."""
    units = [Unit(START, tokens[0].start, tokens[0].start)]
    position, count = 0, len(tokens)
    starts, longest = lexicon.starts, rules.longest
    while position < count:
        first = tokens[position].lower
        size = min(max(starts.get(first, 1), longest.get(first, 1)), count - position)
        while size:
            unit = _known(tokens[position : position + size], lexicon, rules.classes)
            if unit is not None:
                break
            size -= 1
        if size < 2 and starts.get(first, 1) > 1:
            parted = _parted(tokens[position : position + starts[first] + _INSIDE], lexicon, rules)
            if parted is not None:
                units += parted[0]
                position += parted[1]
                continue
        units.append(unit or _inflected(tokens[position], lexicon, rules))
        position += size or 1
    units.append(Unit(END, tokens[-1].end, tokens[-1].end))
    return Sentence(units)


def _known(part: list[Token], lexicon: Lexicon, classes: dict[tuple[str, ...], str]) -> Unit | None:
    key = tuple(token.lower for token in part)
    start, end, capital, word = part[0].start, part[-1].end, part[0].capital, " ".join(key)
    if part[-1].capital:
        brand = lexicon.brands.get(tuple(token.text for token in part))
        if brand is not None:
            return Unit(TERM, start, end, word, (Meaning(brand[1], "brand"),), None, brand[0], True)
        place = lexicon.places.get(key)
        if place is not None:
            return Unit(PLACE, start, end, word, place=place, capital=True)
    meanings = lexicon.terms.get(key)
    code = classes.get(key)
    if meanings is not None and (code is None or len(key) > 1):
        return Unit(TERM, start, end, word, meanings, capital=capital)
    return None if code is None else Unit(code, start, end, word, capital=capital)


def _parted(part: list[Token], lexicon: Lexicon, rules: Grammar) -> tuple[list[Unit], int] | None:
    """Return a term with an adverb inside ("gå ofte på kino") and the adverb behind it; the tokens they take."""
    words = [token.lower for token in part]
    for inside in range(min(rules.longest.get(words[1], 1) if len(words) > 2 else 0, len(words) - 2), 0, -1):
        adverb = rules.classes.get(tuple(words[1 : 1 + inside]))
        if adverb not in ("F", "H"):
            continue
        for size in range(len(part), inside + 1, -1):
            meanings = lexicon.terms.get((words[0], *words[1 + inside : size]))
            if meanings is not None:
                end = part[size - 1].end
                term = Unit(TERM, part[0].start, end, words[0], meanings, capital=part[0].capital)
                return [term, Unit(adverb, end, end, words[1])], size
    return None


def _inflected(token: Token, lexicon: Lexicon, rules: Grammar) -> Unit:
    word = token.lower
    place = lexicon.adjectives.get(word)
    if place is not None:
        return Unit(NATIONAL, token.start, token.end, word, place=place, capital=token.capital)
    usual = word in rules.words or word in rules.zone or word in rules.preps or word in rules.stops
    meanings = lexicon.by_lemma(word) if len(word) > 2 and word.isalpha() and not usual else None
    if meanings:
        return Unit(TERM, token.start, token.end, word, meanings, capital=token.capital)
    if not usual and (token.capital or not rules.nouns_capital):
        meanings = _compound(word, lexicon, rules)
        if meanings:
            return Unit(TERM, token.start, token.end, word, meanings, capital=token.capital)
    return Unit(word, token.start, token.end, word, capital=token.capital)


def _compound(word: str, lexicon: Lexicon, rules: Grammar) -> tuple[Meaning, ...] | None:
    """Return the meanings of a compound's last part, its head: "getost" is a cheese, "Hausmusik" is music."""
    if rules.compounds_apart or len(word) < _PART + _SHORT_HEAD or word in rules.no_compounds:
        return None
    for start in range(_PART, len(word) - _SHORT_HEAD + 1):
        head = word[start:]
        if (len(head) >= _HEAD or head in _SHORT_HEADS) and head not in rules.no_heads:
            meanings = tuple(m for m in lexicon.terms.get((head,), ()) if m.kind in _HEAD_KINDS)
            if meanings and not any(m.kind in ("inf", "do", "fin") for m in lexicon.terms[(head,)]):
                return meanings
    return None
