"""Whom a question is about: from what somebody typed to identifier keys, without keeping what was typed."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from samtykke import normalise
from samtykke.keys import identifier_key
from samtykke.settings import Settings
from samtykke.sources.identify import normal_form

_KEY = re.compile(r"k[0-9]+_[0-9a-f]{64}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,}")
_PLAIN_KINDS = ("email", "phone", "crm_id", "shop_customer_id", "cookie", "mobile_ad_id")
_SCOPED_KINDS = ("handle", "nickname")
_BARE_KINDS = ("crm_id", "shop_customer_id", "cookie")
FORMS = (
    "an e-mail address, a phone number, instagram:@name, @name, nickname:<site>:<name>, crm_id:…, shop_customer_id:…, "
    "cookie:…, mobile_ad_id:…, a key k1_…, or a person_id"
)


class UnreadableIdentifierError(ValueError):
    """What was typed is no identifier; the message names the reason and the forms, never the value."""


@dataclass(frozen=True)
class Candidate:
    """One way to read what was typed: an identifier's kind and key, or a person."""

    identifier_kind: str | None
    identifier_key: str | None
    person_id: str | None = None


def read_identifier(text: str, settings: Settings) -> list[Candidate]:
    """Return every way to read what was typed, likeliest first. A prefix leaves only one.

    Args:
        text: One of ``FORMS``.
        settings: Whose pepper, and the default region of phone numbers.

    Raises:
        UnreadableIdentifierError: No reading is an identifier.
    """
    text = text.strip()
    if _KEY.fullmatch(text):
        return [Candidate(None, text)]
    kinds, value = _kinds(text)
    candidates = [Candidate(None, None, str(uuid.UUID(text)))] if _is_uuid(text) else []
    reasons = []
    for kind in kinds:
        own_kind, normal, reason = normal_form(kind, value, settings.country)
        if normal is None:
            reasons.append(f"{kind}: {reason}")
        else:
            candidates.append(Candidate(own_kind, identifier_key(settings.pepper_bytes, own_kind, normal)))
    if not candidates:
        raise UnreadableIdentifierError(f"no identifier ({'; '.join(reasons)}); write {FORMS}")
    return candidates


def _kinds(text: str) -> tuple[tuple[str, ...], str]:
    head, _, rest = text.partition(":")
    head = head.strip().lower()
    if rest and head in _PLAIN_KINDS:
        return (head,), rest
    if rest and head in _SCOPED_KINDS and ":" in rest:
        scope, _, value = rest.partition(":")
        return (f"{head}:{scope.strip().lower()}",), value
    if rest and normalise.platform_name(head) in normalise.PLATFORMS:
        return (f"handle:{head}",), rest
    if text.startswith("@") or "://" in text:  # a name, or the address of a profile, on whatever platform has it
        return tuple(f"handle:{platform}" for platform in normalise.PLATFORMS), text
    if "@" in text[1:]:
        return ("email",), text
    if _is_uuid(text):
        return ("mobile_ad_id", *_BARE_KINDS), text
    if _PHONE.fullmatch(text):
        return ("phone", *_BARE_KINDS), text
    return _BARE_KINDS, text


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
