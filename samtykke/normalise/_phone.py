"""Telephone numbers: E.164 through libphonenumber's metadata."""

from __future__ import annotations

import re
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult

from samtykke.normalise.text import SPACES, Normalised, accept, clean, deceptive, is_digest, refuse

_PREFIX = re.compile(r"(?:tel:|p:|whatsapp:|')", re.IGNORECASE)  # RFC 3966; Meta lead export; Twilio; spreadsheets
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d+", re.IGNORECASE)
_FLOAT = re.compile(r"(\+?\d{6,})[.,]0+")
_CONTEXT = re.compile(r"tel:([^;]+);(?:.*;)?phone-context=(\+\d{1,3})(?:;.*)?", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:;ext=|\bext\.?|\bextension\b|\blokal\b|\btst\.?|\bx|#)\s*:?\s*\d{1,7}\s*$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[;,/|]|\bor\b|\bog\b|\bund\b|\ben\b|\boch\b")
_IGNORED = re.compile(rf"[{re.escape(SPACES)}\-‐-―−.()\[\]/\\~⁓*_·•]")
_PLUS = re.compile(r"(?:\+|＋)(?:00)?|00")
_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
}
_POSSIBLE = {
    ValidationResult.TOO_SHORT: "too_short",
    ValidationResult.TOO_LONG: "too_long",
    ValidationResult.INVALID_COUNTRY_CODE: "unknown_country_code",
}
_LONGEST = 64
# Direction marks that address books put around a number; inside of one they deceive.
_MARKS = "\u200e\u200f\u202a\u202c\u202d\u2068\u2069"


class PhoneFacts(NamedTuple):
    """What an E.164 number tells about itself.

    Attributes:
        region: Alpha-2 code of the country, None for numbers of no country.
        type: ``mobile``, ``fixed_line``, ``fixed_line_or_mobile`` (one plan for both) or ``other``.
    """

    region: str | None
    type: str


def phone(value: str | None, region: str | None = None) -> Normalised:
    """Return a telephone number as E.164 (``+4533123456``).

    Read are ``+``, ``00``, ``tel:`` (RFC 3966), the ``p:`` of Meta's lead export, ``(0)``, a national zero
    after the country code, and national spellings of ``region``. Only numbers that libphonenumber holds valid
    pass. A number with an extension is a switchboard, not a person's: refused. A number that a spreadsheet
    turned into ``4,5E+09`` has lost its digits: refused.

    Args:
        value: The number as written.
        region: Alpha-2 code of the country a national spelling belongs to; None: international ones only.

    Reasons: ``empty``, ``already_hashed``, ``precision_lost``, ``letters``, ``extension``,
    ``several_numbers``, ``no_region``, ``too_short``, ``too_long``, ``unknown_country_code``, ``not_valid``,
    ``bidi_control``, ``not_unicode``, ``syntax``.
    """
    text = clean(value)
    if not text:
        return refuse("empty")
    text = text.strip(_MARKS)
    problem = deceptive(text)
    if problem:
        return refuse(problem)
    if is_digest(text):
        return refuse("already_hashed")
    context = _CONTEXT.fullmatch(text)
    if context:
        text = context.group(2) + context.group(1)
    text = clean(_PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text)
    problem = _unreadable(text)
    if problem:
        return refuse(problem)
    whole = _FLOAT.fullmatch(text)
    return _parsed(whole.group(1) if whole else text, _region(region))


def phone_facts(e164: str) -> PhoneFacts:
    """Return region and type of an E.164 number; (None, 'other') when it is none."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return PhoneFacts(None, "other")
    region = phonenumbers.region_code_for_number(number)
    kind = _KINDS.get(phonenumbers.number_type(number), "other")
    return PhoneFacts(region if region and region.isalpha() else None, kind)


def _region(region: str | None) -> str | None:
    code = region.strip().upper() if isinstance(region, str) else None
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def _unreadable(text: str) -> str | None:
    if len(text) > _LONGEST:
        return "too_long"
    if _SCIENTIFIC.fullmatch(text.replace(" ", "")):
        return "precision_lost"
    if _EXTENSION.search(text):
        return "extension"
    parts = [part for part in _SEPARATORS.split(text) if sum(map(str.isdigit, part)) >= 6]
    if len(parts) > 1:
        return "several_numbers"
    if any(character.isalpha() for character in text):
        return "letters"
    return None


def _parsed(text: str, region: str | None) -> Normalised:
    """Try the readings of a number, the most explicit one first; the first valid one counts."""
    reasons = []
    for reading, default in _readings(text, region):
        number = _parse(reading, default)
        if number is None:
            reasons.append("too_short" if 0 < sum(map(str.isdigit, reading)) < 4 else "syntax")
        elif phonenumbers.is_valid_number(number):
            return accept(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        else:
            reasons.append(_POSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), "not_valid"))
    if not reasons:
        return refuse("no_region")
    return refuse(reasons[-1])


def _readings(text: str, region: str | None) -> list[tuple[str, str | None]]:
    digits = _IGNORED.sub("", text)
    international = _PLUS.match(digits)
    readings: list[tuple[str, str | None]] = []
    if international:
        rest = digits[international.end() :]
        # (0) after a country code is dialled at home only, except where the zero is part of the number
        # (Italy): the reading as written is tried first.
        readings.append(("+" + rest, None))
        if "(0)" in text:
            bare = _IGNORED.sub("", text.replace("(0)", "", 1))
            readings.append(("+" + bare[_PLUS.match(bare).end() :] if _PLUS.match(bare) else bare, None))
    if region and not digits.startswith(("+", "＋")):
        readings.append((digits, region))
    return readings


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            return PhoneNumber(country_code=0, national_number=0)
        return None
