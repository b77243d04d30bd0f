"""Identifiers as advertising platforms and mail tools want them: their normal form, their hash, their
encoding.

The rules are a table, ``rules.csv``: platform, kind of identifier, form, hash and encoding. Every form is one
function of ``contact_forms`` or ``person_forms``. Platform hashes are unsalted by the platforms' design and
therefore reversible: they are made for a file that leaves and nowhere else; inside, identifiers are keyed
(``samtykke.keys``).
"""

from __future__ import annotations

import base64
import csv
import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from typing import NamedTuple

from samtykke.hashing import contact_forms, person_forms
from samtykke.normalise import Normalised
from samtykke.plugins import plugins

__all__ = ["Hashed", "MixedInput", "Rule", "column_for_platform", "for_platform", "platform_of", "rules"]

_SAME = {
    "facebook": "meta",
    "instagram": "meta",
    "google_ads": "google",
    "twitter": "x",
    "snap": "snapchat",
    "bing": "microsoft",
    "microsoft_ads": "microsoft",
    "euid": "ttd",
    "uid2": "ttd",
    "the_trade_desk": "ttd",
}
_WAYS = {("none", "plain")} | {
    (algorithm, encoding) for algorithm in ("sha256", "sha512", "md5") for encoding in ("hex", "base64")
}
# Google takes either encoding, as declared in the request.
_ENCODINGS = {"google": ("hex", "base64")}


class Hashed(NamedTuple):
    """One identifier, ready for a platform.

    Attributes:
        value: What the platform gets, or None.
        reason: Why there is nothing to send: a fixed word. None when there is a value.
        form: The platform's normal form before hashing; clear text, never to be stored or logged.
        hash: ``sha256``, ``sha512``, ``md5`` or ``none``.
        encoding: ``hex``, ``base64`` or ``plain``.
    """

    value: str | None
    reason: str | None
    form: str | None = None
    hash: str = "none"
    encoding: str = "plain"


class Rule(NamedTuple):
    """A row of ``rules.csv``."""

    platform: str
    kind: str
    form: str
    hash: str
    encoding: str


class MixedInput(ValueError):
    """A column holds clear and already hashed values: hashing it would hash some of them twice."""


@functools.cache
def rules() -> Mapping[tuple[str, str], Rule]:
    """Return the rules by platform and kind: our own, and those that installed packages bring for other platforms.

    Raises:
        ValueError: A package brings a rule whose form, hash or encoding does not exist.
    """
    text = resources.files(__package__).joinpath("rules.csv").read_text(encoding="utf-8")
    own = [Rule(**row) for row in csv.DictReader(text.splitlines())]
    platforms = {rule.platform for rule in own}
    for name, plugin in plugins().loaded.items():
        for rule in getattr(plugin, "RULES", ()):
            if rule.platform not in platforms:
                own.append(_checked(rule, name))
    return {(rule.platform, rule.kind): rule for rule in own}


def for_platform(
    platform: str, kind: str, value: str | None, region: str | None = None, *, encoding: str | None = None
) -> Hashed:
    """Return an identifier as a platform wants it.

    Empty, invalid and already hashed values give no value but a reason: the hash of nothing is a hash too,
    and platforms match on it.

    Args:
        platform: For example ``meta``, ``google``, ``ttd`` (also called ``euid``).
        kind: ``email``, ``phone``, ``first_name``, ``last_name``, ``first_initial``, ``gender``, ``birth_date``,
            ``birth_year``, ``birth_month``, ``birth_day``, ``city``, ``state``, ``zip``, ``country``, ``madid``,
            ``external_id``, ``handle``; ``member_id`` (Mailchimp's MD5 of the address in its paths),
            ``email_sha512`` (LinkedIn) and ``email_untagged`` (the plus-tag rule of TikTok's older pages).
        value: The clear value. Phones are read as ``samtykke.normalise.phone`` does; what has the shape of E.164
            already is taken as it is.
        region: Alpha-2 country of the value, for national phone numbers, states and postal codes.
        encoding: ``hex`` or ``base64`` where the platform takes either; default as in ``rules.csv``.

    Raises:
        ValueError: An unknown platform, kind or encoding.
    """
    name = platform_of(platform)
    rule = rules().get((name, kind))
    if rule is None:
        if kind not in _kinds():
            raise ValueError(f"unknown kind {kind!r}; known: {', '.join(sorted(_kinds()))}")
        return Hashed(None, "not_accepted")
    chosen = encoding or rule.encoding
    if chosen not in (rule.encoding, *(_ENCODINGS.get(name, ()) if rule.hash != "none" else ())):
        raise ValueError(f"{name} does not take {kind} as {encoding!r}")
    normal = _form(rule.form)(value, region)
    if normal.value is None:
        return Hashed(None, normal.reason, None, rule.hash, chosen)
    return Hashed(_encoded(normal.value, rule.hash, chosen), None, normal.value, rule.hash, chosen)


def column_for_platform(
    platform: str, kind: str, values: Iterable[str | None], regions: Iterable[str | None] | None = None
) -> list[Hashed]:
    """Return a column of identifiers as a platform wants them, in the order given.

    Raises:
        MixedInput: Some values are hashed already, others are not.
        ValueError: An unknown platform or kind.
    """
    texts = list(values)
    places = list(regions) if regions is not None else [None] * len(texts)
    results = [for_platform(platform, kind, text, place) for text, place in zip(texts, places, strict=True)]
    hashed = sum(result.reason == "already_hashed" for result in results)
    if hashed and hashed < sum(result.reason != "empty" for result in results):
        raise MixedInput(
            f"{hashed} of {len(results)} values of {kind} for {platform} are hashed already; send one kind"
        )
    return results


def platform_of(platform: str) -> str:
    """Return the platform's name in the rules, also for its other names.

    Raises:
        ValueError: It is unknown.
    """
    name = platform.strip().lower()
    name = _SAME.get(name, name)
    if name not in {known for known, _ in rules()}:
        raise ValueError(f"unknown platform {platform!r}; known: {', '.join(sorted({p for p, _ in rules()}))}")
    return name


def _checked(rule: Rule, plugin: str) -> Rule:
    form = getattr(contact_forms, rule.form, None) or getattr(person_forms, rule.form, None)
    if not callable(form) or (rule.hash, rule.encoding) not in _WAYS:
        raise ValueError(f"{plugin}: no such form, hash or encoding: {', '.join(rule[2:])}")
    return rule


@functools.cache
def _form(name: str) -> Callable[[str | None, str | None], Normalised]:
    return getattr(contact_forms, name, None) or getattr(person_forms, name)


@functools.cache
def _kinds() -> frozenset[str]:
    return frozenset(kind for _, kind in rules())


def _encoded(text: str, algorithm: str, encoding: str) -> str:
    if algorithm == "none":
        return text
    digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False)
    return base64.b64encode(digest.digest()).decode() if encoding == "base64" else digest.hexdigest()
