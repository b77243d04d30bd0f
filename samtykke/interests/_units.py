"""Sentences as sequences of small codes, which the grammars' expressions read."""

from __future__ import annotations

import functools
from bisect import bisect_right
from dataclasses import dataclass, field, replace

from samtykke.interests._grammar import Grammar, grammar
from samtykke.interests._lexicon import Lexicon, Meaning
from samtykke.interests._lexicon import lexicon as lexicon_of
from samtykke.interests._words import Token

# So many words of a term's clause may stand between its verb and the rest.
_INSIDE = 7
# A companion ("mit meinem Vater") has at most so many words behind its preposition.
_COMPANION = 3
# A compound has a first part and a head of at least so many letters; some heads are shorter.
_PART, _HEAD, _SHORT_HEAD = 3, 4, 3
_SHORT_HEADS = frozenset({"ost", "mat", "mad"})
# "Food" of a country in one word; as long as one another.
_CUISINES = ("mat", "mad")
_HEAD_KINDS = frozenset({"act", "eat", "pet"})
_BETWEEN = frozenset("IFH")
_FANCIED = frozenset({"act", "play", "game", "eat", "pet", "mine"})
# Written apart in any language; others of its words may be verbs ("Fotball spiller jeg").
_FANS_APART = frozenset({"fan", "fans", "freak", "nerd", "junkie"})
# A verb loses its ending in a compound: "Wanderfreund", "leesfanaat".
_INFINITIVES = {"de": ("n", "en"), "nl": ("en",), "da": ("e",), "nb": ("e",), "sv": ("a",)}
# What may join the parts of a compound.
_JOINTS = ("", "s", "n", "e", "en", "er", "-")
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
    if rules.short:
        tokens = [t._replace(lower=rules.short[t.lower]) if t.lower in rules.short else t for t in tokens]
    units = [Unit(START, tokens[0].start, tokens[0].start)]
    position, count = 0, len(tokens)
    starts, longest, words = lexicon.starts, rules.longest, [token.lower for token in tokens]
    while position < count:
        first = words[position]
        size = min(max(starts.get(first, 1), longest.get(first, 1)), count - position)
        while size:
            key = tuple(words[position : position + size])
            unit = _known(key, tokens, position, lexicon, rules.classes)
            if unit is not None:
                break
            size -= 1
        if size < 2 and first in lexicon.tails:
            parted = _parted(tokens[position : position + starts[first] + _INSIDE], lexicon, rules)
            if parted is not None:
                units += parted[0]
                position += parted[1]
                continue
        if units[-1].meanings and (first in rules.fans or first in rules.owners):
            apart = rules.compounds_apart or first in _FANS_APART
            fan = _fan(units[-1].meanings, first, rules) if apart else ()
            if fan:
                units[-1] = replace(units[-1], end=tokens[position].end, meanings=fan)
                position += 1
                continue
        units.append(unit or _inflected(tokens[position], lexicon, rules))
        position += size or 1
    units.append(Unit(END, tokens[-1].end, tokens[-1].end))
    return Sentence(units)


def _known(
    key: tuple[str, ...], tokens: list[Token], position: int, lexicon: Lexicon, classes: dict[tuple[str, ...], str]
) -> Unit | None:
    """Return the unit of some words, from a position on; most words that are tried together are none."""
    first, last = tokens[position], tokens[position + len(key) - 1]
    if last.capital:
        brand = lexicon.brands.get(tuple([token.text for token in tokens[position : position + len(key)]]))
        if brand is not None:
            meanings = (Meaning(brand[1], "brand"),)
            return Unit(TERM, first.start, last.end, " ".join(key), meanings, None, brand[0], True)
        place = lexicon.places.get(key)
        if place is not None:
            return Unit(PLACE, first.start, last.end, " ".join(key), place=place, capital=True)
    meanings, code = lexicon.terms.get(key), classes.get(key)
    if meanings is not None and (code is None or len(key) > 1):
        return Unit(TERM, first.start, last.end, " ".join(key), meanings, capital=first.capital)
    return None if code is None else Unit(code, first.start, last.end, " ".join(key), capital=first.capital)


def _parted(part: list[Token], lexicon: Lexicon, rules: Grammar) -> tuple[list[Unit], int] | None:
    """Return a term whose verb stands apart ("gehe jeden Winter mit Freunden | ins Kino"), what stands between, and
    how many tokens they take. Between may stand the author, adverbs and companions."""
    words = [token.lower for token in part]
    tails = lexicon.tails[words[0]]
    if tails.keys().isdisjoint(words[2:]):
        return None
    inside: list[Unit] = []
    position = 1
    while position < len(part):
        tail = next((tail for tail in tails.get(words[position], ()) if _stands(tail, words, position)), None)
        if tail is not None and inside:
            end = position + len(tail)
            meanings = lexicon.terms[(words[0], *tail)]
            term = Unit(TERM, part[0].start, part[end - 1].end, words[0], meanings, capital=part[0].capital)
            return [term, *inside], end
        step = _between(words, position, lexicon, rules)
        if step is None:
            return None
        code, size = step
        if code:
            last = part[position + size - 1]
            inside.append(Unit(code, part[position].start, last.end, words[position]))
        position += size
    return None


def _stands(tail: tuple[str, ...], words: list[str], position: int) -> bool:
    return tuple(words[position : position + len(tail)]) == tail


def _between(words: list[str], position: int, lexicon: Lexicon, rules: Grammar) -> tuple[str, int] | None:
    """Return the code and length of what stands at a position between a verb and the rest of its term."""
    for size in range(min(rules.longest.get(words[position], 0), len(words) - position), 0, -1):
        code = rules.classes.get(tuple(words[position : position + size]))
        if code in _BETWEEN:
            return code, size
    if words[position] in rules.gladly:
        return words[position], 1
    if words[position] not in rules.companions:
        return None
    for size in range(2, min(_COMPANION + 1, len(words) - position) + 1):
        word = tuple(words[position + size - 1 : position + size])
        if word in lexicon.places:
            return None
        known = rules.classes.get(word)
        if known is None:
            return "F", size
        if known not in ("M", "D", "A", "S"):
            return None
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
    if not usual and word.endswith(_CUISINES):
        place = _cuisine(word, lexicon)
        if place:
            return Unit(TERM, token.start, token.end, word, (Meaning("214", "eat"),), place, capital=token.capital)
    if not usual:
        meanings = _compound(word, lexicon.language)
        if meanings and (token.capital or not rules.nouns_capital or meanings[0].kind == "fan"):
            return Unit(TERM, token.start, token.end, word, meanings, capital=token.capital)
    return Unit(word, token.start, token.end, word, capital=token.capital)


def _cuisine(word: str, lexicon: Lexicon) -> str | None:
    """Return the country whose food a Scandinavian compound names: "kinamat", "thaimad"."""
    first = word[: -len(_CUISINES[0])]
    return lexicon.places.get((first,)) or lexicon.adjectives.get(first)


@functools.lru_cache(maxsize=65536)
def _compound(word: str, language: str) -> tuple[Meaning, ...] | None:
    """Return the meanings of a compound's last part, its head: "getost" is a cheese, "Hausmusik" is music.

    Of "Fußballfan" the first part counts: who likes it.
    """
    lexicon, rules = lexicon_of(language), grammar(language)
    if len(word) < _PART + _SHORT_HEAD or word in rules.no_compounds or word.startswith(rules.favourite):
        return None
    for start in range(_PART, len(word) - _SHORT_HEAD + 1):
        head = word[start:]
        if head in rules.fans or head in rules.owners:
            fan = _fan(_joined(word[:start], lexicon), head, rules)
            if fan:
                return fan
        if rules.compounds_apart:
            continue
        if head in rules.carry:
            taught = tuple(m for m in _joined(word[:start], lexicon) if m.kind in ("act", "play"))
            if taught:
                return taught  # "keramikkurs", "Tanzkurs"
        if (len(head) >= _HEAD or head in _SHORT_HEADS) and head not in rules.no_heads:
            meanings = tuple(m for m in lexicon.terms.get((head,), ()) if m.kind in _HEAD_KINDS)
            if meanings and not any(m.kind in ("inf", "do", "fin") for m in lexicon.terms[(head,)]):
                return meanings
    return None


def _joined(first: str, lexicon: Lexicon) -> tuple[Meaning, ...]:
    """Return the meanings of a compound's first part, which may carry a joint: "fotboll-s-", "hund-e-"."""
    for joint in _JOINTS:
        if first.endswith(joint):
            part = first[: len(first) - len(joint)]
            meanings = lexicon.terms.get((part,)) or lexicon.lemmas.get(part)
            if meanings:
                return meanings
    for ending in _INFINITIVES.get(lexicon.language, ()):
        meanings = tuple(m for m in lexicon.terms.get((first + ending,), ()) if m.kind in ("inf", "act"))
        if meanings:
            return tuple(Meaning(m.interest_id, "act") for m in meanings)
    return ()


def _fan(meanings: tuple[Meaning, ...], word: str, rules: Grammar) -> tuple[Meaning, ...]:
    """Return what "fan" or "mum" makes of a term before it: somebody who likes it, or owns such an animal."""
    kinds = {"pet"} if word in rules.owners else _FANCIED
    return tuple(dict.fromkeys(Meaning(m.interest_id, "fan") for m in meanings if m.kind in kinds))
