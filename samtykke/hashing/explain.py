"""Say step by step what a platform gets for an identifier. Nothing is kept: the value goes back to who typed it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from samtykke import normalise
from samtykke.hashing import contact_forms, for_platform, person_forms, platform_of, rules
from samtykke.normalise.text import clean

_KINDS = {"email": normalise.email, "phone": normalise.phone}
# Forms that are made of another one: what a reader wants to see on the way.
_ON_THE_WAY = {
    "email_undotted_google": "email_spaceless",
    "email_undotted_gmail": "email",
    "email_untagged": "email_spaceless",
    "phone_digits": "phone_e164",
    "phone_ten_digits": "phone_e164",
    "madid_lower": "madid",
    "initial": "name_joined",
    "country_lower": "country_upper",
    "year": "date",
    "month": "date",
    "day": "date",
}


@dataclass(frozen=True)
class Step:
    """One step for one platform: ``text`` is clear until it is hashed."""

    platform: str
    kind: str
    step: str
    text: str | None
    says: str


def kind_of(value: str) -> str:
    """Return what a value looks like: ``handle``, ``email``, ``madid`` or ``phone``."""
    text = clean(value)
    if "@" in text:
        return "handle" if text.startswith("@") and text.count("@") == 1 else "email"
    return "madid" if contact_forms.madid(text).reason != "syntax" and "-" in text else "phone"


def explain(
    value: str, *, platform: str | None = None, kind: str | None = None, region: str | None = None
) -> Iterator[Step]:
    """Yield the steps of a value: what we keep it as, each platform's form of it, what that platform gets.

    Args:
        value: As typed.
        platform: Only this one; default every platform that takes the kind.
        kind: A kind of ``rules.csv``; default what it looks like.
        region: Alpha-2 country of a national phone number, a state or a postal code.

    Raises:
        ValueError: An unknown platform, kind or country.
    """
    kind = kind or kind_of(value)
    known = {own for _, own in rules()}
    if kind not in known:
        raise ValueError(f"unknown kind {kind!r}; known: {', '.join(sorted(known))}")
    if region and person_forms.country_upper(region).value is None:
        raise ValueError(f"unknown country {region!r}; two letters, for example DK")
    cleaned = clean(value)
    if cleaned != value:
        yield Step("samtykke", kind, "cleaned", cleaned or None, "Spaces around it and invisible characters dropped.")
    if kind in _KINDS:
        found = normalise.email(value) if kind == "email" else normalise.phone(value, region)
        yield Step("samtykke", kind, "normal form", found.value, found.reason or "what identifiers are joined by")
    names = [platform_of(platform)] if platform else sorted({name for name, own in rules() if own == kind})
    for name in names:
        yield from _of_platform(name, kind, value, region)


def _of_platform(name: str, kind: str, value: str, region: str | None) -> Iterator[Step]:
    sent = for_platform(name, kind, value, region)
    rule = rules().get((name, kind))
    if rule is None:
        yield Step(name, kind, "nothing is sent", None, sent.reason or "not_accepted")
        return
    before = _ON_THE_WAY.get(rule.form)
    reached = _function(before)(value, region).value if before else None
    if reached is not None and reached != sent.form:
        yield Step(name, kind, "first", reached, _told(before))
    if sent.value is None:
        yield Step(name, kind, "nothing is sent", None, sent.reason or "not_accepted")
        return
    yield Step(name, kind, "form", sent.form, _told(rule.form))
    if sent.hash == "none":
        yield Step(name, kind, "sent", sent.value, "in clear: the platform takes no hash")
        return
    if sent.encoding == "base64":
        digest = base64.b64decode(sent.value).hex()
        yield Step(name, kind, "hashed", digest, f"{sent.hash.upper()}, here in hex")
    yield Step(name, kind, "sent", sent.value, f"{sent.hash.upper()} in {sent.encoding}")


def _function(form: str) -> Callable[..., normalise.Normalised]:
    return getattr(contact_forms, form, None) or getattr(person_forms, form)


def _told(form: str) -> str:
    return (_function(form).__doc__ or form).strip().splitlines()[0].replace("``", "")
