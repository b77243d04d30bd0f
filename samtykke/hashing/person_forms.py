"""The platforms' normal forms of names, dates and places; ``(value, region)`` in, ``Normalised`` out."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from datetime import date as calendar_date
from importlib import resources

import phonenumbers

from samtykke import normalise
from samtykke.normalise import Normalised
from samtykke.normalise.text import accept, clean, fold_spaces, is_digest, refuse

TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "hr", "fru", "frk", "frøken"}
    | {"herr", "frau", "fräulein", "dhr", "mevr", "mw", "mevrouw", "meneer"}
)
SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"}
_GENDERS = {
    "m": "m male man mand mann männlich mannelijk herre",
    "f": "f female woman kvinde kvinne kvinna frau weiblich vrouw vrouwelijk dame",
}
GENDER_OF = {word: sign for sign, words in _GENDERS.items() for word in words.split()}
# What a Japanese keyboard writes for ASCII.
_FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)}
_ISO_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_OTHER_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")


def name_joined(value: str | None, region: str | None = None) -> Normalised:
    """Lower case without spaces and punctuation, letters of every script kept (Meta)."""
    text = _name(value)
    return text if text.value is None else _nonempty("".join(c for c in text.value.lower() if _is_word(c)))


def name_untitled(value: str | None, region: str | None = None) -> Normalised:
    """Lower case, trimmed, without titles before and suffixes behind (Google)."""
    found = _name(value)
    if found.value is None:
        return found
    words = found.value.lower().split(" ")
    while len(words) > 1 and words[0].rstrip(".") in TITLES:
        words = words[1:]
    while len(words) > 1 and words[-1].rstrip(".") in SUFFIXES:
        words = words[:-1]
    text = " ".join(words)
    # a title or a suffix beside nothing but signs is no name
    return accept(text.rstrip(",")) if any(map(str.isalpha, text)) else refuse("no_letter")


def name_35(value: str | None, region: str | None = None) -> Normalised:
    """As written, at most 35 characters (LinkedIn)."""
    text = _name(value)
    return refuse("too_long_for_platform") if text.value is not None and len(text.value) > 35 else text


def initial(value: str | None, region: str | None = None) -> Normalised:
    """First character of Meta's name form."""
    found = name_joined(value)
    return accept(found.value[0]) if found.value is not None else found


def gender(value: str | None, region: str | None = None) -> Normalised:
    """``m`` or ``f``; any other answer is not sent."""
    text = clean(value).lower()
    if not text:
        return refuse("empty")
    if is_digest(text):
        return refuse("already_hashed")
    return accept(GENDER_OF[text]) if text in GENDER_OF else refuse("not_m_or_f")


def date(value: str | None, region: str | None = None) -> Normalised:
    """A date of birth as ``YYYYMMDD``. Where day and month could be either: ``ambiguous_date``."""
    text = clean(value)
    if not text:
        return refuse("empty")
    if is_digest(text):
        return refuse("already_hashed")
    iso, other = _ISO_DATE.fullmatch(text[:10]), _OTHER_DATE.fullmatch(text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif other:
        first, second, year = int(other[1]), int(other[3]), int(other[4])
        if other[2] == "." or first > 12:
            day, month = first, second
        elif second > 12 or first == second:
            month, day = first, second
        else:
            return refuse("ambiguous_date")
    else:
        return refuse("not_a_date")
    try:
        born = calendar_date(year, month, day)
    except ValueError:
        return refuse("not_a_date")
    return accept(born.strftime("%Y%m%d")) if born.year >= 1900 else refuse("not_a_date")


def year(value: str | None, region: str | None = None) -> Normalised:
    """``YYYY`` of a date, or a year."""
    text = clean(value)
    if re.fullmatch(r"(?:19|20)[0-9]{2}", text):
        return accept(text)
    return _part(value, 0, 4)


def month(value: str | None, region: str | None = None) -> Normalised:
    """``MM`` of a date, or a month's number."""
    return _number(value, 12) or _part(value, 4, 6)


def day(value: str | None, region: str | None = None) -> Normalised:
    """``DD`` of a date, or a day's number."""
    return _number(value, 31) or _part(value, 6, 8)


def city_ascii(value: str | None, region: str | None = None) -> Normalised:
    """The letters a to z of the lower-case name, nothing else (Meta: København is kbenhavn)."""
    text = _text(value)
    if text.value is None:
        return text
    return _nonempty(re.sub(r"[^a-z]", "", text.value.lower()))


def state(value: str | None, region: str | None = None) -> Normalised:
    """Two letters in the United States, elsewhere lower case without spaces and punctuation (Meta)."""
    text = _text(value)
    if text.value is None:
        return text
    joined = "".join(c for c in text.value.lower() if _is_word(c))
    return _nonempty(us_states().get(joined, joined) if (region or "US").upper() == "US" else joined)


def zip_lower(value: str | None, region: str | None = None) -> Normalised:
    """Lower case without spaces, five digits of a ZIP+4 in the United States (Meta)."""
    text = _text(value)
    if text.value is None:
        return text
    joined = text.value.translate(_FULL_WIDTH).replace(" ", "").lower()
    if (region or "US").upper() == "US" and re.fullmatch(r"\d{5}-?\d{4}", joined):
        joined = joined[:5]
    return accept(joined) if any(c.isalnum() for c in joined) else refuse("syntax")


def country_upper(value: str | None, region: str | None = None) -> Normalised:
    """ISO 3166-1 alpha-2 in capitals."""
    text = clean(value).upper()
    if not text:
        return refuse("empty")
    if is_digest(text):
        return refuse("already_hashed")
    return accept(text) if text in phonenumbers.SUPPORTED_REGIONS else refuse("not_a_country")


def country_lower(value: str | None, region: str | None = None) -> Normalised:
    """ISO 3166-1 alpha-2 in lower case (Meta)."""
    found = country_upper(value)
    return accept(found.value.lower()) if found.value is not None else found


@functools.cache
def us_states() -> dict[str, str]:
    """Return the letters of the American states by their names in lower case without spaces."""
    text = resources.files(__package__).joinpath("us_states.csv").read_text(encoding="utf-8")
    return {row["state"]: row["code"] for row in csv.DictReader(text.splitlines())}


def _name(value: str | None) -> Normalised:
    found = normalise.name(value)
    return found if found.value is None else accept(fold_spaces(unicodedata.normalize("NFC", clean(value))))


def _text(value: str | None) -> Normalised:
    found = fold_spaces(unicodedata.normalize("NFC", clean(value)))
    if not found:
        return refuse("empty")
    return refuse("already_hashed") if is_digest(found) else accept(found)


def _nonempty(text: str) -> Normalised:
    return accept(text) if text else refuse("no_letter")


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _number(value: str | None, highest: int) -> Normalised | None:
    text = clean(value)
    if not re.fullmatch(r"\d{1,2}", text):
        return None
    return accept(f"{int(text):02d}") if 1 <= int(text) <= highest else refuse("not_a_date")


def _part(value: str | None, start: int, end: int) -> Normalised:
    found = date(value)
    return accept(found.value[start:end]) if found.value is not None else found
