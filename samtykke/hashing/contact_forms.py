"""The platforms' normal forms of contact points; ``(value, region)`` in, ``Normalised`` out.

Sources: the platforms' own pages and published test vectors, as pinned by ``tests/unit/test_hashing.py``.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from samtykke import normalise
from samtykke.normalise import Normalised
from samtykke.normalise.text import SPACES, accept, clean, is_digest, refuse

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # the expression Google publishes
_ANY_SPACE = re.compile(f"[{re.escape(SPACES)}]")
# Fewer bare digits are a national number of one country and an international one of another: 31 12 34 56 is Danish,
# +31 12 34 56 would be Dutch, 650 253 0000 American, +65 0253 0000 from Singapore.
_FEWEST_BARE_DIGITS = 11
_MADID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def email(value: str | None, region: str | None = None) -> Normalised:
    """Trimmed and in lower case."""
    return normalise.email(value)


def email_spaceless(value: str | None, region: str | None = None) -> Normalised:
    """Lower case, every space removed (Google, LinkedIn, TikTok)."""
    return normalise.email(_ANY_SPACE.sub("", value) if isinstance(value, str) else value)


def email_undotted_google(value: str | None, region: str | None = None) -> Normalised:
    """Lower case, no spaces; gmail.com and googlemail.com lose dots and plus-tag (Google)."""
    return _undotted(email_spaceless(value), ("gmail.com", "googlemail.com"))


def email_undotted_gmail(value: str | None, region: str | None = None) -> Normalised:
    """Trimmed and in lower case; gmail.com alone loses dots and plus-tag (UID2, EUID)."""
    return _undotted(normalise.email(value), ("gmail.com",))


def email_untagged(value: str | None, region: str | None = None) -> Normalised:
    """Lower case, no spaces, no plus-tag at any domain (TikTok, August 2025)."""
    return _without_tag(email_spaceless(value), dots=True)


def phone_e164(value: str | None, region: str | None = None) -> Normalised:
    """E.164 with its plus."""
    if isinstance(value, str) and _E164.fullmatch(value):
        return accept(value)
    found = normalise.phone(value, region)
    if found.value is not None or found.reason not in ("not_valid", "no_region", "too_long", "too_short"):
        return found
    return _shape(value or "", region) or found


def phone_digits(value: str | None, region: str | None = None) -> Normalised:
    """E.164 without its plus (Meta, Snapchat)."""
    found = phone_e164(value, region)
    return accept(found.value[1:]) if found.value is not None else found


def phone_ten_digits(value: str | None, region: str | None = None) -> Normalised:
    """E.164 of ten digits or more: what the UID2/EUID client takes."""
    found = phone_e164(value, region)
    if found.value is not None and len(found.value) < 11:
        return refuse("too_short_for_platform")
    return found


def madid(value: str | None, region: str | None = None) -> Normalised:
    """A mobile advertising id as the device writes it. All zeros mean that tracking is off: refused."""
    text = clean(value)
    if not text:
        return refuse("empty")
    if is_digest(text):
        return refuse("already_hashed")
    if not _MADID.fullmatch(text):
        return refuse("syntax")
    return refuse("tracking_off") if not text.strip("0-") else accept(text)


def madid_lower(value: str | None, region: str | None = None) -> Normalised:
    """A mobile advertising id in lower case."""
    found = madid(value)
    return accept(found.value.lower()) if found.value is not None else found


def handle_x(value: str | None, region: str | None = None) -> Normalised:
    """A handle on X."""
    text = clean(value)
    return refuse("already_hashed") if is_digest(text) else normalise.handle(text, "x")


def text(value: str | None, region: str | None = None) -> Normalised:
    """Trimmed, otherwise as it is."""
    found = unicodedata.normalize("NFC", clean(value))
    return accept(found) if found else refuse("empty")


def _undotted(address: Normalised, domains: tuple[str, ...]) -> Normalised:
    if address.value is None or address.value.rpartition("@")[2] not in domains:
        return address
    return _without_tag(address, dots=False)


def _without_tag(address: Normalised, *, dots: bool) -> Normalised:
    if address.value is None:
        return address
    local, _, domain = address.value.rpartition("@")
    if local.startswith('"'):
        return address  # what stands in quotes is no tag
    local = local.split("+", 1)[0]
    local = local if dots else local.replace(".", "")
    return accept(f"{local}@{domain}") if local else refuse("syntax")


def _shape(value: str, region: str | None) -> Normalised | None:
    """Return a number that has the shape of E.164 though no subscriber can have it, else None.

    Whether a number can be dialled was judged when it was loaded (``normalise.phone``); the platforms' own
    examples are shapes only. Bare digits count as country code first: with a region only if they begin with its
    code, without one only if there are too many for a national number. A ``(0)`` is dialled at home only.
    """
    if any(character.isalpha() for character in value):
        return None
    explicit = clean(value).startswith(("+", "00"))
    digits = "".join(c for c in value.replace("(0)", "") if c.isascii() and c.isdigit()).lstrip("0")
    if not explicit and region:
        code = phonenumbers.country_code_for_region(region.upper())
        if not code or not digits.startswith(str(code)):
            return None
    if not explicit:
        if not region and len(digits) < _FEWEST_BARE_DIGITS:
            return None
        try:
            number = phonenumbers.parse("+" + digits, None)
        except phonenumbers.NumberParseException:
            return None
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            return None
    return accept("+" + digits) if _E164.fullmatch("+" + digits) else None
