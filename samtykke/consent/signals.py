"""What a consent signal says: TC strings, consent mode, Global Privacy Control, ticked boxes, contact points.

A signal is evidence, so it is read strictly: what is not exactly in its vocabulary says nothing, with a reason. Which
spellings name which signal, what its words mean and which purposes it speaks of are seeds (``consent_signals``,
``signal_values``, ``signal_purposes``, ``tcf_vendors``, ``tcf_policies``).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from samtykke.consent.tcf import Policy, TcfError, TcString, decode

TC_STRING, CONSENT_MODE = "tc_string", "google_consent_mode"
# The part of a consent mode that is one word for the purpose of its record.
WORD = "word"
# The longest value of a signal other than a TC string, which has its own limit.
LONGEST = 2_000
_PUBLISHER, _ANY = "publisher", "any"
# Parameters of Google's consent commands that say nothing of consent.
_SETTINGS = frozenset({"wait_for_update", "region", "ads_data_redaction", "url_passthrough"})
# The ``gcs`` parameter of a hit: G1, then ad_storage and analytics_storage; a dash is unset.
_GCS = re.compile(r"G1([01-])([01-])")
_GCS_WORDS = {"1": "granted", "0": "denied", "-": "unset"}
# A box may be delivered with its name: newsletter=1.
_BOX = re.compile(r"\w[\w .-]*=")
_PAIR = re.compile(r"\s*([a-z_]+)\s*[=:]\s*([a-z_]*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a signal says.

    Attributes:
        part: Its name, unique within the signal.
        purpose: Of which purpose; None where the signal leaves it to its record.
        channel: On which channel.
        recipient: For which recipient; None for the company itself.
        action: The action of the event; None where it is one only after a yes.
        after_yes: The action instead, if the same signal had said yes before.
    """

    part: str
    purpose: str | None
    channel: str | None
    recipient: str | None
    action: str | None
    after_yes: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a value says, or why it is unreadable; a readable one may say nothing."""

    said: tuple[Said, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Purpose:
    part: str
    purpose: str | None
    channel: str | None
    recipient: str | None
    tcf: frozenset[int]


# What a word means: action, and action after a yes.
_MEANINGS: dict[str, tuple[str | None, str | None]] = {
    "grants": ("granted", None),
    "denies": ("refused", "withdrawn"),
    "objects": ("objected", None),
    "unticked": (None, "refused"),
    "states": ("imported_state", None),
    "asked": ("requested", None),
    "waits": ("deferred", None),
}
_SILENT = "silent"


class Signals:
    """The vocabulary of signals, as the seeds declare it."""

    def __init__(self, seeds: Path) -> None:
        """Read the seeds.

        Args:
            seeds: The project's folder ``seeds``.
        """
        rows = list(_rows(seeds, "consent_signals"))
        self.kinds = {row["raw_kind"]: row["signal"] for row in rows}
        self.actors = {row["signal"]: row["actor"] or None for row in rows}
        self._words: dict[str, dict[str, str]] = {}
        for row in _rows(seeds, "signal_values"):
            self._words.setdefault(row["signal"], {})[row["raw_value"]] = row["meaning"]
        self._purposes: dict[str, dict[str, _Purpose]] = {}
        for row in _rows(seeds, "signal_purposes"):
            ids = frozenset(int(number) for number in row["tcf_purposes"].split(";") if number)
            target = _Purpose(
                row["part"], row["purpose"] or None, row["channel"] or None, row["recipient"] or None, ids
            )
            self._purposes.setdefault(row["signal"], {})[row["part"]] = target
        self._vendors = tuple((row["vendor"], row["recipient"] or None) for row in _rows(seeds, "tcf_vendors"))
        self.policies = tuple(
            Policy(
                datetime.fromisoformat(row["updated_from"]).replace(tzinfo=UTC),
                int(row["minimum_policy"]),
                row["needs_disclosed_vendors"] == "true",
            )
            for row in _rows(seeds, "tcf_policies")
        )

    def purposes_of(self, signal: str) -> tuple[str, ...]:
        """Return the purposes that a signal can speak of; none where its record names them."""
        targets = self._purposes.get(signal, {}).values()
        return tuple(sorted({target.purpose for target in targets if target.purpose}))

    def read(self, kind: str, value: str) -> Reading:
        """Return what a value says.

        Args:
            kind: A key of ``kinds``.
            value: As delivered; blank where nothing is there.
        """
        signal, value = self.kinds[kind], value.strip()
        if signal == TC_STRING:
            return self._read_tc_string(value)
        if len(value) > LONGEST:
            return Reading(reason="too_long")
        if signal == CONSENT_MODE:
            return self._read_consent_mode(kind, value)
        (target,) = self._purposes[signal].values()
        meaning = self._meaning(signal, _BOX.sub("", value, count=1) if _BOX.match(value) else value)
        return Reading(_said(target, meaning)) if meaning else Reading(reason="unknown_value")

    def _read_tc_string(self, value: str) -> Reading:
        try:
            text = decode(value, policies=self.policies)
        except TcfError as error:
            return Reading(reason=error.reason)
        if not text.is_service_specific:
            return Reading(reason="not_service_specific")
        said: list[Said] = []
        for target in self._purposes[TC_STRING].values():
            for vendor, recipient in self._vendors:
                answer = _answer(text, vendor, target.tcf)
                if answer is not None:
                    named = _Purpose(f"{target.part}:{vendor}", target.purpose, target.channel, recipient, target.tcf)
                    said += _said(named, "grants" if answer else "denies")
        return Reading(tuple(said))

    def _read_consent_mode(self, kind: str, value: str) -> Reading:
        targets = self._purposes[CONSENT_MODE]
        named = {name.replace("_", ""): name for name in targets}
        if kind.replace("_", "") in named:
            words = {named[kind.replace("_", "")]: value}
        else:
            meaning = self._meaning(CONSENT_MODE, value)
            if meaning:
                return Reading(_said(_Purpose(WORD, None, None, None, frozenset()), meaning))
            words = _consent_mode_words(value)
        if words is None:
            return Reading(reason="unreadable")
        said: list[Said] = []
        for name, word in words.items():
            if name in _SETTINGS:
                continue
            if name not in targets:
                return Reading(reason="unknown_signal")
            meaning = self._meaning(CONSENT_MODE, word)
            if meaning is None:
                return Reading(reason="unknown_value")
            if targets[name].purpose:
                said += _said(targets[name], meaning)
        return Reading(tuple(said))

    def _meaning(self, signal: str, value: str) -> str | None:
        """The meaning of a word; of several between semicolons the first that grants, else that of the first."""
        words = self._words[signal]
        found = [words.get(_plain(word), words.get("*") if word.strip() else None) for word in value.split(";")]
        if None in found:
            return None
        return "grants" if "grants" in found else found[0]


@lru_cache(maxsize=8)
def declared_signals(project: Path) -> Signals:
    """Return the signals that a project's seeds declare, read once."""
    return Signals(seeds_of(project))


def seeds_of(project: Path) -> Path:
    """Return the folder of a project's seeds; this package's own where the project has none."""
    own = project / "seeds"
    return own if (own / "consent_signals.csv").is_file() else Path(__file__).resolve().parents[2] / "seeds"


def _answer(text: TcString, vendor: str, purposes: frozenset[int]) -> bool | None:
    """Whether the string permits the purposes to a vendor; None where it does not speak of it."""
    if vendor == _PUBLISHER:
        return None if text.publisher is None else purposes <= text.publisher.purpose_consents
    if vendor == _ANY:
        if text.publisher is not None:
            return None
        return any(text.permits(one, purposes) for one in text.vendor_consents)
    if text.vendors_disclosed is not None and int(vendor) not in text.vendors_disclosed:
        return None
    return text.permits(int(vendor), purposes)


def _said(target: _Purpose, meaning: str) -> tuple[Said, ...]:
    if meaning == _SILENT:
        return ()
    action, after_yes = _MEANINGS[meaning]
    return (Said(target.part, target.purpose, target.channel, target.recipient, action, after_yes),)


def _consent_mode_words(value: str) -> dict[str, str] | None:
    """Signal → word of a JSON object, of ``name=word`` pairs or of a ``gcs`` parameter; None if it is none of these."""
    short = _GCS.fullmatch(value)
    if short:
        return {"ad_storage": _GCS_WORDS[short.group(1)], "analytics_storage": _GCS_WORDS[short.group(2)]}
    pairs: list[tuple[str, str]] = []
    if value.startswith("{"):
        try:
            found = json.loads(value, object_pairs_hook=list)
        except ValueError:
            return None
        pairs = [(_snake(name), "" if word is None else str(word)) for name, word in found]
    else:
        for piece in filter(str.strip, re.split(r"[;,&|]|\s+(?=[a-z_]+\s*[=:])", value)):
            match = _PAIR.fullmatch(piece)
            if match is None:
                return None
            pairs.append((_snake(match.group(1)), match.group(2)))
    words = dict(pairs)
    # A name that is there twice with two words says neither.
    return words if words and set(words.items()) == set(pairs) else None


def _snake(name: str) -> str:
    """A name as Google's tag writes it: adUserData, as its API does, is ad_user_data."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _plain(word: str) -> str:
    """A word without its case; of a status also without the spaces, dashes and underscores of its spellings."""
    word = word.strip().lower()
    return re.sub(r"[\s_-]+", "", word) if re.fullmatch(r"(opt|not)[\s_-]*(in|out|seen)", word) else word


def _rows(seeds: Path, name: str) -> Iterator[dict[str, str]]:
    with (seeds / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)
