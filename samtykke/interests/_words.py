"""Texts cut into words and sentences."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+(?:['’&\-][^\W_]+)*['’]?|[.!?…\n]+|[^\s\w]")
# don't, can't, isn't: the verb and its negation; I'm, we're, I've, I'd, I'll, Tom's: the word and its ending.
_NOT = re.compile(r"(\w+?)n't$")
_SHORT = re.compile(r"(\w+)'(m|re|ve|d|ll|s)$")
_FULL = {"m": "am", "re": "are", "ve": "have", "d": "would", "ll": "will", "s": "'s"}
_IRREGULAR = {"ca": "can", "wo": "will", "sha": "shall"}
_ENDS = frozenset(".!?…\n")
# Signs that part the items of a profile text, as commas do; pictures do so too, but for a heart behind the subject.
_PARTING = frozenset("|•·/+~–—-*►✦")
_HEARTS = frozenset("❤♥💙💚💛🧡💜🖤🤍🤎💕💖💗😍🥰")
HEART = "❤"
_SUBJECTS = frozenset({"i", "we", "ik", "wij", "jeg", "vi", "jag", "ich", "wir"})
# Parts of pictures: skin tones, variation selectors and joiners.
_MODIFIERS = frozenset("\ufe0f\u200d\u20e3\u2642\u2640") | frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_FIRST_PICTURE = "\u2190"


class Token(NamedTuple):
    """A word or sign: as written, in lower case, and where it stands in the text."""

    text: str
    lower: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """Whether the word begins with a capital."""
        return self.text[0].isupper()


def split(text: str) -> list[Token]:
    """Split a text into words and signs; English short forms are taken apart, pictures and bullets become commas."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        word, start, end = match.group(), match.start(), match.end()
        if len(word) == 1 and (word in _PARTING or word == "#" or word >= _FIRST_PICTURE):
            _sign(tokens, text, start)
            continue
        if word[-1] in "'’" and len(word) > 1:
            word, end = word[:-1], end - 1
        lower = word.lower()
        if "'" in lower or "’" in lower:
            lower = lower.replace("’", "'")
            short = _NOT.match(lower) or _SHORT.match(lower)
            if short:
                stem = short.group(1)
                cut = start + len(stem)
                ending = _FULL[short.group(2)] if short.re is _SHORT else "not"
                tokens.append(Token(word[: len(stem)], _IRREGULAR.get(stem, stem), start, cut))
                tokens.append(Token(ending, ending, cut, end))
                continue
        tokens.append(Token(word, lower, start, end))
    return tokens


def _sign(tokens: list[Token], text: str, start: int) -> None:
    """Add a bullet or a picture as a comma, and one between hashtags; nothing at the beginning of a sentence."""
    sign = text[start]
    if sign in _MODIFIERS or not tokens or tokens[-1].lower[0] in _ENDS:
        return
    if sign in _HEARTS and tokens[-1].lower in _SUBJECTS:
        tokens.append(Token(sign, HEART, start, start + 1))
    elif tokens[-1].lower not in (",", HEART) and (sign != "#" or text[tokens[-1].start - 1] == "#"):
        tokens.append(Token(",", ",", start, start + 1))


def sentences(tokens: list[Token]) -> list[list[Token]]:
    """Cut tokens into sentences. Questions are left out: who asks states nothing."""
    found, current = [], []
    for token in tokens:
        if token.lower[0] in _ENDS:
            if current and "?" not in token.lower:
                found.append(current)
            current = []
        else:
            current.append(token)
    if current:
        found.append(current)
    return found
