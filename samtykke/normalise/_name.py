"""Names of people in full Unicode, for comparison; what is shown stays as it was delivered."""

from __future__ import annotations

import re
import unicodedata

from samtykke.normalise.text import Normalised, accept, clean, fold_spaces, has_control, is_digest, refuse

_LONGEST = 200
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʹ`´＇‛"), "'")
_LINKS = re.compile(r"\s*([-'])\s*")


def name(value: str | None) -> Normalised:
    """Return a personal name in the form in which names are compared.

    Unicode NFC, case-folded (``STRAUß`` = ``strauss``), letters and marks of every script kept, accents kept,
    spaces folded, dashes and apostrophes of all kinds made one; other punctuation and symbols become spaces.

    Reasons: ``empty``, ``already_hashed``, ``no_letter``, ``too_long``.
    """
    text = clean(value)
    if not text:
        return refuse("empty")
    if len(text) > _LONGEST:
        return refuse("too_long")
    if is_digest(text):
        return refuse("already_hashed")
    text = unicodedata.normalize("NFC", _folded(text).translate(_APOSTROPHES))
    text = "".join(map(_kept, text))
    text = unicodedata.normalize("NFC", fold_spaces(_LINKS.sub(r"\1", text)).strip(" -'"))
    if not any(character.isalpha() for character in text):
        return refuse("no_letter")
    return accept(text)


def nickname(value: str | None) -> Normalised:
    """Return a nickname: NFC, case-folded, spaces folded, every visible sign kept (they tell nicknames
    apart).

    Reasons: ``empty``, ``control_character``, ``no_visible``, ``too_long``.
    """
    text = clean(value)
    if not text:
        return refuse("empty")
    if len(text) > _LONGEST:
        return refuse("too_long")
    text = fold_spaces(_folded(text))
    if has_control(text) or any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text):
        return refuse("control_character")
    text = text.lstrip("@ ")
    if not any(unicodedata.category(c)[0] in "LNS" for c in text):
        return refuse("no_visible")
    return accept(text)


def _folded(text: str) -> str:
    """Unicode canonical caseless form (definition D145), composed again."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed.casefold()))


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LM" or category == "Nd" or character == "'":
        return character
    if category == "Pd":
        return "-"
    return "" if category == "Cf" else " "
