"""The words that stand for a node of the taxonomy, a place or a brand, per language."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import NamedTuple

import simplemma

from samtykke.interests._words import split

_DATA = resources.files(__package__).joinpath("data")
# Endings of adjectives of nationality.
_ENDINGS = {
    "en": ("",),
    "nl": ("", "e"),
    "da": ("", "e", "t"),
    "nb": ("", "e", "t"),
    "sv": ("", "a", "t"),
    "de": ("", "e", "er", "es", "en", "em"),
}
# Scandinavian nouns carry their article as an ending: "filmen" is one film, not films.
_DEFINITE = {
    "da": ("en", "et", "erne", "ene", "n"),
    "nb": ("en", "et", "ene", "a"),
    "sv": ("en", "et", "arna", "orna", "erna", "na", "n"),
}
# Their short texts are often read as one another.
_ALIKE = ("da", "nb")
_VERBAL = {"do", "fin", "inf"}
# Shorter lemmas are mostly another word's: of Danish "duer" (doves) it is "du".
_SHORTEST = 3
_LEMMATISED = {"act", "eat", "pet"}


class Meaning(NamedTuple):
    """What a word can stand for: a node of the taxonomy and the kind of word (see docs/interests.md)."""

    interest_id: str
    kind: str


@dataclass(frozen=True)
class Lexicon:
    """The words of one language.

    Attributes:
        terms: Meanings by words (a tuple of lower-case words).
        starts: For the first word of a term, the number of words of its longest term.
        tails: Of terms of several words: for the first, what follows it, by the word that comes next.
        lemmas: Meanings by lemma, for one-word terms.
        places: Place by words: alpha-2 code.
        adjectives: Place by adjective of nationality.
        brands: Brand and node by words, as they are written (case counts).
    """

    language: str
    terms: dict[tuple[str, ...], tuple[Meaning, ...]] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    tails: dict[str, dict[str, list[tuple[str, ...]]]] = field(default_factory=dict)
    lemmas: dict[str, tuple[Meaning, ...]] = field(default_factory=dict)
    places: dict[tuple[str, ...], str] = field(default_factory=dict)
    adjectives: dict[str, str] = field(default_factory=dict)
    brands: dict[tuple[str, ...], tuple[str, str]] = field(default_factory=dict)

    def by_lemma(self, word: str) -> tuple[Meaning, ...] | None:
        """Return the meanings of an inflected form that no term spells out."""
        lemma = _lemma(word, self.language)
        if lemma == word:
            return None
        found = self.lemmas.get(lemma)
        if found and word.endswith(_DEFINITE.get(self.language, ())) and not lemma.endswith(word[-2:]):
            return None
        return found


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a tab-separated file of the package's data."""
    text = _DATA.joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)


@functools.cache
def lexicon(language: str) -> Lexicon:
    """Return the words of one language, read once."""
    lexicon = Lexicon(language)
    for row in rows(f"{language}/lexicon.tsv"):
        meaning = Meaning(row["interest_id"], row["kind"])
        for term in row["terms"].split("|"):
            _add(lexicon, tuple(words_of(term)), meaning)
    _add_places(lexicon)
    for row in rows("brands.tsv"):
        for name in row["names"].split("|"):
            tokens = split(name)
            lexicon.brands[tuple(token.text for token in tokens)] = (row["brand"], row["interest_id"])
            _start(lexicon, tuple(token.lower for token in tokens))
    return lexicon


@functools.cache
def special_words(language: str) -> re.Pattern[str]:
    """Return what tells of a special category (GDPR Art. 9), words and beginnings of words, read once.

    A sentence with one of them gives nothing: "books about Islam" are more than books.
    """
    read_as = _ALIKE if language in _ALIKE else (language,)
    words = [word for row in rows("special.tsv") for code in read_as for word in filter(None, row[code].split("|"))]
    whole = "|".join(re.escape(word) for word in words if not word.endswith("*"))
    begun = "|".join(re.escape(word[:-1]) for word in words if word.endswith("*"))
    return re.compile(rf"\b(?:(?:{whole})\b|(?:{begun}))")


def words_of(term: str) -> list[str]:
    """Split a term as texts are split."""
    return [token.lower for token in split(term)]


def _add(lexicon: Lexicon, words: tuple[str, ...], meaning: Meaning) -> None:
    lexicon.terms[words] = tuple(dict.fromkeys((*lexicon.terms.get(words, ()), meaning)))
    _start(lexicon, words)
    if len(words) > 1 and meaning.kind in _VERBAL:
        lexicon.tails.setdefault(words[0], {}).setdefault(words[1], []).append(words[1:])
    if len(words) == 1 and meaning.kind in _LEMMATISED:
        lemma = _lemma(words[0], lexicon.language)
        if len(lemma) < _SHORTEST or (lemma == words[0] and meaning.kind == "act"):
            return  # "history" is a subject, "histories" are stories
        known = lexicon.lemmas.get(lemma, ())
        lexicon.lemmas[lemma] = tuple(dict.fromkeys((*known, meaning)))


def _start(lexicon: Lexicon, words: tuple[str, ...]) -> None:
    lexicon.starts[words[0]] = max(lexicon.starts.get(words[0], 0), len(words))


def _add_places(lexicon: Lexicon) -> None:
    for row in rows("places.tsv"):
        names = [*row[lexicon.language].split("|"), *row["mul"].split("|")]
        for name in filter(None, names):
            if row["kind"] == "adjective":
                for ending in _ENDINGS[lexicon.language]:
                    lexicon.adjectives[name + ending] = row["place"]
            else:
                words = tuple(words_of(name))
                lexicon.places.setdefault(words, row["place"])
                _start(lexicon, words)


@functools.lru_cache(maxsize=65536)
def _lemma(word: str, language: str) -> str:
    if language == "de":
        # simplemma knows German nouns by their capital.
        lemma = simplemma.lemmatize(word.capitalize(), lang="de").lower()
        return lemma if lemma != word else simplemma.lemmatize(word, lang="de").lower()
    return simplemma.lemmatize(word, lang=language).lower()
