"""Which of the six languages a short text is written in: naive Bayes over the commonest words."""

from __future__ import annotations

import csv
import functools
import math
import re
from importlib import resources

LANGUAGES = ("en", "nl", "da", "nb", "sv", "de")
_SAME = {"no": "nb", "nn": "nb", "nob": "nb", "nno": "nb", "nld": "nl", "dut": "nl", "dan": "da", "swe": "sv"}
_SAME |= {"deu": "de", "ger": "de", "eng": "en"}
_WORD = re.compile(r"[^\W\d_]+")
# A word that a language's list lacks counts as if seen so often per 100,000 words.
_FLOOR = 3.0
# Letters that one or two of the six languages write.
_LETTERS = {"ö": ("sv", "de"), "ä": ("sv", "de"), "å": ("sv", "da", "nb"), "ø": ("da", "nb"), "æ": ("da", "nb")}
_LETTERS |= {"ü": ("de",), "ß": ("de",)}
_LETTER_WEIGHT = 3.0
# Languages whose log-likelihood is this close to the best may be meant: da and nb share most of their short texts.
_CLOSE = 4.0
# Less than this share of known words: some other language.
_KNOWN_SHARE = 0.2


def detect(text: str) -> str | None:
    """Return the language of a text (``en nl da nb sv de``), None when it is none of them or cannot be told."""
    best = ranked(_WORD.findall(text.lower()))
    return best[0] if best else None


def named(language: str) -> str | None:
    """Return the code used here for a language tag such as ``nb-NO`` or ``dan``; None for other languages."""
    code = language.strip().lower().replace("_", "-").split("-", 1)[0]
    code = _SAME.get(code, code)
    return code if code in LANGUAGES else None


def ranked(words: list[str]) -> list[str]:
    """Return the likeliest language of lower-case words, followed by those that are about as likely."""
    table = _table()
    scores = [0.0] * len(LANGUAGES)
    known = 0
    for word in words:
        row = table.get(word)
        if row is not None:
            known += 1
            scores = [score + weight for score, weight in zip(scores, row, strict=True)]
        if not word.isascii():
            for letter in set(word) & _LETTERS.keys():
                for language in _LETTERS[letter]:
                    scores[LANGUAGES.index(language)] += _LETTER_WEIGHT
    if not known or known < _KNOWN_SHARE * len(words):
        return []
    top = max(scores)
    order = sorted(range(len(LANGUAGES)), key=lambda index: -scores[index])
    return [LANGUAGES[index] for index in order if top - scores[index] < _CLOSE]


@functools.cache
def _table() -> dict[str, tuple[float, ...]]:
    """The words with their log-likelihood per language; the commonest words of the Common Voice and Tatoeba texts."""
    text = resources.files(__package__).joinpath("data/words.tsv").read_text(encoding="utf-8")
    table = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        table[row["word"]] = tuple(math.log(float(row[language]) + _FLOOR) for language in LANGUAGES)
    return table
