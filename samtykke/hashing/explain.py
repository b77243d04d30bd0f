"""Say step by step what a platform gets for an identifier. Nothing is kept: the value goes back to who typed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from samtykke import normalise
from samtykke.hashing import contact_forms, for_platform, platform_of, rules

_KINDS = {"email": normalise.email, "phone": normalise.phone}


@dataclass(frozen=True)
class Step:
    """One step for one platform: ``text`` is clear until it is hashed."""

    platform: str
    kind: str
    step: str
    text: str | None
    says: str


def kind_of(value: str) -> str:
    """Return what a value looks like: ``email``, ``madid`` or ``phone``."""
    if "@" in value:
        return "email"
    return "madid" if contact_forms.madid(value).reason != "syntax" and "-" in value else "phone"


def explain(
    value: str, *, platform: str | None = None, kind: str | None = None, region: str | None = None
) -> Iterator[Step]:
    """Yield the steps of a value: what we keep it as, each platform's form of it, what that platform gets.

    Args:
        value: As typed.
        platform: Only this one; default every platform that takes the kind.
        kind: ``email``, ``phone`` or ``madid``; default what it looks like.
        region: Alpha-2 country of a national phone number.

    Raises:
        ValueError: An unknown platform or kind.
    """
    kind = kind or kind_of(value)
    if kind in _KINDS:
        found = normalise.email(value) if kind == "email" else normalise.phone(value, region)
        yield Step("samtykke", kind, "normal form", found.value, found.reason or "what identifiers are joined by")
    names = [platform_of(platform)] if platform else sorted({name for name, own in rules() if own == kind})
    for name in names:
        sent = for_platform(name, kind, value, region)
        rule = rules().get((name, kind))
        if rule is None or sent.value is None:
            yield Step(name, kind, "nothing is sent", None, sent.reason or "not_accepted")
            continue
        yield Step(name, kind, "form", sent.form, _told(rule.form))
        if sent.hash != "none":
            yield Step(name, kind, "sent", sent.value, f"{sent.hash.upper()} in {sent.encoding}")
        else:
            yield Step(name, kind, "sent", sent.value, "in clear: the platform takes no hash")


def _told(form: str) -> str:
    return (getattr(contact_forms, form).__doc__ or form).strip().splitlines()[0]
