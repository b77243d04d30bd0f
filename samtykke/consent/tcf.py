"""A strict decoder of IAB TCF 2.2/2.3 consent strings (TC strings).

Source: IAB Tech Lab, "Transparency and Consent String with Global Vendor & CMP List Formats", version 2. Strict because
the string is evidence: whatever is cut short, too long, of another version, or padded with anything but zeros is an
error and therefore no consent. (A decoder that reads missing bits as it likes turns a truncated string into consent to
everything.) A TC string speaks for one site and its vendors; it never covers the upload of customer data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

# The longest string in use stays below 5,000 characters; the rest is an attack on the reader.
LONGEST = 16_384
PURPOSES = 11
SPECIAL_FEATURES = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SIX_BITS = {character: f"{value:06b}" for value, character in enumerate(_ALPHABET)}
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
# Encoders fill up to whole bytes and whole characters: never 24 bits or more.
_PADDING = 24
_DISCLOSED, _ALLOWED, _PUBLISHER = 1, 2, 3
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Policy:
    """What strings last updated from a moment on must have."""

    updated_from: datetime
    minimum: int
    needs_disclosed_vendors: bool


# TCF 2.2, and TCF 2.3 from its last day of grace on. The seed tcf_policies says the same; a test compares them.
POLICIES = (Policy(_EPOCH, 4, False), Policy(datetime(2026, 2, 28, tzinfo=UTC), 5, True))


class TcfError(ValueError):
    """A string that is no consent.

    Attributes:
        reason: ``not_text``, ``empty``, ``too_long``, ``not_base64url``, ``truncated``, ``padding``, ``version``,
            ``policy``, ``language``, ``times``, ``cmp``, ``reserved_bits``, ``vendors``, ``restrictions`` or
            ``segment``.
    """

    def __init__(self, reason: str, explanation: str) -> None:
        super().__init__(f"no consent: {explanation}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Restriction:
    """What the publisher restricts: ``kind`` 0 forbids the purpose, 1 needs consent, 2 needs legitimate interest."""

    purpose: int
    kind: int
    vendors: frozenset[int]


@dataclass(frozen=True, slots=True)
class PublisherConsent:
    """What the publisher itself may do; custom purposes are numbered by the publisher."""

    purpose_consents: frozenset[int]
    purpose_legitimate_interests: frozenset[int]
    custom_consents: frozenset[int]
    custom_legitimate_interests: frozenset[int]


@dataclass(frozen=True, slots=True)
class TcString:
    """A decoded TC string; names as in the specification. Sets hold ids."""

    version: int
    created: datetime
    last_updated: datetime
    cmp_id: int
    cmp_version: int
    consent_screen: int
    consent_language: str
    vendor_list_version: int
    policy_version: int
    is_service_specific: bool
    use_non_standard_texts: bool
    special_feature_opt_ins: frozenset[int]
    purpose_consents: frozenset[int]
    purpose_legitimate_interests: frozenset[int]
    purpose_one_treatment: bool
    publisher_country: str
    vendor_consents: frozenset[int]
    vendor_legitimate_interests: frozenset[int]
    restrictions: tuple[Restriction, ...]
    vendors_disclosed: frozenset[int] | None
    publisher: PublisherConsent | None

    def permits(self, vendor: int, purposes: frozenset[int] | set[int]) -> bool:
        """Whether a vendor may use the purposes on the ground of consent.

        Needs the vendor's bit, every purpose's bit, no restriction that forbids it or moves it to legitimate interest,
        the vendor among those disclosed where the string says who was, and a string that is specific to the service.
        """
        if not purposes or not self.is_service_specific or vendor not in self.vendor_consents:
            return False
        if self.vendors_disclosed is not None and vendor not in self.vendors_disclosed:
            return False
        restricted = {item.purpose for item in self.restrictions if item.kind != 1 and vendor in item.vendors}
        return purposes <= self.purpose_consents and not purposes & restricted


def decode(string: str, *, policies: tuple[Policy, ...] = POLICIES) -> TcString:
    """Decode a TC string of TCF 2.2 or 2.3.

    Args:
        string: As the consent platform wrote it.
        policies: What strings must have, by the day they were last updated; all that apply must hold.

    Raises:
        TcfError: Malformed, truncated, oversized, of another version, or outside of the policy: no consent.
    """
    if not isinstance(string, str):
        raise TcfError("not_text", "a TC string is text")
    if not string:
        raise TcfError("empty", "the TC string is empty")
    if len(string) > LONGEST:
        raise TcfError("too_long", f"a TC string has at most {LONGEST} characters, this one {len(string)}")
    core, *others = [_Bits(segment) for segment in string.split(".")]
    segments = _segments(others)
    fields = _core(core)
    disclosed = segments.get(_DISCLOSED)
    text = TcString(
        **fields,
        vendors_disclosed=_closed(disclosed, _vendors(disclosed)) if disclosed else None,
        publisher=_publisher(segments[_PUBLISHER]) if _PUBLISHER in segments else None,
    )
    if _ALLOWED in segments:  # out-of-band vendors: read for form, used for nothing
        _closed(segments[_ALLOWED], _vendors(segments[_ALLOWED]))
    _check_policy(text, policies)
    return text


class _Bits:
    """The bits of a segment, read from left to right."""

    def __init__(self, segment: str) -> None:
        if not _SEGMENT.fullmatch(segment):
            raise TcfError("not_base64url", "a segment holds characters outside of base64url, or none")
        self._bits = "".join(map(_SIX_BITS.__getitem__, segment))
        self._position = 0

    def number(self, length: int) -> int:
        """Return the next bits as a number."""
        end = self._position + length
        if end > len(self._bits):
            raise TcfError("truncated", "the string ends in the middle of a field")
        value = int(self._bits[self._position : end], 2)
        self._position = end
        return value

    def flag(self) -> bool:
        """Return the next bit."""
        return self.number(1) == 1

    def ids(self, length: int) -> frozenset[int]:
        """Return the numbers, from 1, of the bits that are set among the next ones."""
        if not length:
            return frozenset()
        bits = f"{self.number(length):0{length}b}"
        return frozenset(number for number, bit in enumerate(bits, start=1) if bit == "1")

    def letters(self) -> str:
        """Return two letters of six bits each."""
        values = self.number(6), self.number(6)
        if max(values) > 25:
            raise TcfError("language", "a language or country is not two letters")
        return "".join(chr(ord("A") + value) for value in values)

    def time(self) -> datetime:
        """Return a moment given in tenths of a second."""
        return _EPOCH + timedelta(milliseconds=100 * self.number(36))

    def close(self) -> None:
        """Check that nothing but padding is left."""
        rest = self._bits[self._position :]
        if len(rest) >= _PADDING or "1" in rest:
            raise TcfError("padding", "a segment goes on behind its last field")


def _core(bits: _Bits) -> dict[str, object]:
    version = bits.number(6)
    if version != 2:
        raise TcfError("version", f"version {version} is not TCF 2")
    fields: dict[str, object] = {
        "version": version,
        "created": bits.time(),
        "last_updated": bits.time(),
        "cmp_id": bits.number(12),
        "cmp_version": bits.number(12),
        "consent_screen": bits.number(6),
        "consent_language": bits.letters(),
        "vendor_list_version": bits.number(12),
        "policy_version": bits.number(6),
        "is_service_specific": bits.flag(),
        "use_non_standard_texts": bits.flag(),
        "special_feature_opt_ins": _defined(bits.ids(12), SPECIAL_FEATURES),
        "purpose_consents": _defined(bits.ids(24), PURPOSES),
        "purpose_legitimate_interests": _defined(bits.ids(24), PURPOSES),
        "purpose_one_treatment": bits.flag(),
        "publisher_country": bits.letters(),
        "vendor_consents": _vendors(bits),
        "vendor_legitimate_interests": _vendors(bits),
        "restrictions": tuple(_restrictions(bits)),
    }
    bits.close()
    return fields


def _segments(others: list[_Bits]) -> dict[int, _Bits]:
    segments: dict[int, _Bits] = {}
    for bits in others:
        kind = bits.number(3)
        if kind not in (_DISCLOSED, _ALLOWED, _PUBLISHER) or kind in segments:
            raise TcfError("segment", f"a segment of type {kind} is unknown or there twice")
        segments[kind] = bits
    return segments


def _defined(ids: frozenset[int], highest: int) -> frozenset[int]:
    if ids and max(ids) > highest:
        raise TcfError("reserved_bits", f"number {max(ids)} is set where {highest} are defined")
    return ids


def _vendors(bits: _Bits) -> frozenset[int]:
    highest = bits.number(16)
    return frozenset(_ranges(bits, highest)) if bits.flag() else bits.ids(highest)


def _ranges(bits: _Bits, highest: int) -> Iterator[int]:
    """Yield the ids of ranges. They ascend, so a short string cannot blow up into millions of ids."""
    last = 0
    for _ in range(bits.number(12)):
        is_range = bits.flag()
        first = bits.number(16)
        end = bits.number(16) if is_range else first
        if not last < first <= end <= highest:
            raise TcfError("vendors", "ids of vendors do not ascend or pass the highest one")
        yield from range(first, end + 1)
        last = end


def _restrictions(bits: _Bits) -> Iterator[Restriction]:
    seen = set()
    for _ in range(bits.number(12)):
        purpose, kind = bits.number(6), bits.number(2)
        if not 1 <= purpose <= PURPOSES or kind == 3 or (purpose, kind) in seen:
            raise TcfError("restrictions", "a restriction names no defined purpose or kind, or one twice")
        seen.add((purpose, kind))
        yield Restriction(purpose, kind, frozenset(_ranges(bits, 0xFFFF)))


def _publisher(bits: _Bits) -> PublisherConsent:
    consents, interests = _defined(bits.ids(24), PURPOSES), _defined(bits.ids(24), PURPOSES)
    custom = bits.number(6)
    return _closed(bits, PublisherConsent(consents, interests, bits.ids(custom), bits.ids(custom)))


def _closed(bits: _Bits, value: _T) -> _T:
    bits.close()
    return value


def _check_policy(text: TcString, policies: tuple[Policy, ...]) -> None:
    if text.last_updated < text.created:
        raise TcfError("times", "the string was updated before it was made")
    if not text.cmp_id:
        raise TcfError("cmp", "the string names no consent management platform")
    asked = [policy for policy in policies if policy.updated_from <= text.last_updated]
    if not asked or any(text.policy_version < policy.minimum for policy in asked):
        raise TcfError(
            "policy", f"policy {text.policy_version} is too old for a string of {text.last_updated:%Y-%m-%d}"
        )
    if text.vendors_disclosed is None and any(policy.needs_disclosed_vendors for policy in asked):
        raise TcfError("policy", f"a string of {text.last_updated:%Y-%m-%d} needs the disclosed vendors (TCF 2.3)")
