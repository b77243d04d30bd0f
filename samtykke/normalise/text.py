"""What every normaliser does first: drop what nobody sees, trim what nobody meant, refuse what deceives."""

from __future__ import annotations

import re
from typing import NamedTuple


class Normalised(NamedTuple):
    """The outcome of a normaliser.

    Attributes:
        value: The normal form, or None.
        reason: Why there is none: a fixed word in snake_case. None when there is a value.
    """

    value: str | None
    reason: str | None


# Invisible and without meaning in an identifier: soft hyphen, zero-width space/joiners/word joiner, byte
# order mark.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# Written out, because str.strip(), SQL trim() and regex \s disagree about which characters are spaces.
SPACES = (
    "\t\n\v\f\r \x1c\x1d\x1e\x1f\x85\u00a0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + ("\u2028\u2029\u202f\u205f\u3000")
)
_DROP = dict.fromkeys(map(ord, INVISIBLE))
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SPACE = re.compile(f"[{re.escape(SPACES)}]")
_SPACE_RUN = re.compile(f"[{re.escape(SPACES)}]+")
# The digests platforms use: MD5, SHA-1, SHA-256, SHA-512 in hex, as PostgreSQL (\x) and SQL Server (0x) write bytes
# too; the same in base64 of either alphabet. Padding may be left away, then a digit tells them from long words.
_DIGEST = re.compile(
    r"(?:\\[xX]|0[xX])?(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})"
    r"|(?:[A-Za-z0-9+/_-]{22}|[A-Za-z0-9+/_-]{86})==|(?:[A-Za-z0-9+/_-]{27}|[A-Za-z0-9+/_-]{43})="
    r"|(?=\D*\d)(?:[A-Za-z0-9+/_-]{43}|[A-Za-z0-9+/_-]{86})"
)


def refuse(reason: str) -> Normalised:
    """Return no value and the reason."""
    return Normalised(None, reason)


def accept(value: str) -> Normalised:
    """Return the normal form."""
    return Normalised(value, None)


def clean(value: object) -> str:
    """Return the text without invisible characters and surrounding spaces; anything but text becomes ''."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value.strip(SPACES)
    return value.translate(_DROP).strip(SPACES)


def deceptive(text: str) -> str | None:
    """Return why a text may show something else than it is, or cannot be encoded at all."""
    if _BIDI.search(text):
        return "bidi_control"
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        return "not_unicode"
    return None


def has_control(text: str) -> bool:
    """Whether a control character (tab and line breaks included) is in the text."""
    return _CONTROL.search(text) is not None


def has_space(text: str) -> bool:
    """Whether any kind of space is in the text."""
    return _SPACE.search(text) is not None


def fold_spaces(text: str) -> str:
    """Return the text with every run of spaces as one blank, none at the ends."""
    return _SPACE_RUN.sub(" ", text).strip(" ")


def is_digest(text: str) -> bool:
    """Whether the whole text is the digest of something."""
    return _DIGEST.fullmatch(text) is not None
