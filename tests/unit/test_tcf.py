"""TC strings: the official encoder's vectors, and that every damaged one is an error, never a consent.

``tests/data/tcf_vectors.jsonl`` was made with npm @iabtechlabtcf/core 1.5.21 (Apache-2.0).
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samtykke.consent.signals import Signals
from samtykke.consent.tcf import LONGEST, POLICIES, TcfError, TcString, decode

_VECTORS = [json.loads(line) for line in (Path(__file__).parents[1] / "data/tcf_vectors.jsonl").open()]
_VALID = [vector for vector in _VECTORS if vector["expect"] == "valid"]
_REAL = Path(os.environ.get("SAMTYKKE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
_WIDTHS = {  # the core's fields in order, up to the vendors
    "version": 6, "created": 36, "last_updated": 36, "cmp_id": 12, "cmp_version": 12, "screen": 6, "language": 12,
    "list": 12, "policy": 6, "specific": 1, "texts": 1, "features": 12, "purposes": 24, "interests": 24, "one": 1,
    "country": 12,
}  # fmt: skip
_DAY = {"2023": 16_725_312_000, "2026-02-27": 17_721_504_000, "2026-02-28": 17_722_368_000}


def _as_reference(text: TcString) -> dict:
    return {
        "version": text.version,
        "created": text.created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "lastUpdated": text.last_updated.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "cmpId": text.cmp_id,
        "cmpVersion": text.cmp_version,
        "consentScreen": text.consent_screen,
        "consentLanguage": text.consent_language,
        "vendorListVersion": text.vendor_list_version,
        "policyVersion": text.policy_version,
        "isServiceSpecific": text.is_service_specific,
        "useNonStandardTexts": text.use_non_standard_texts,
        "specialFeatureOptins": sorted(text.special_feature_opt_ins),
        "purposeConsents": sorted(text.purpose_consents),
        "purposeLegitimateInterests": sorted(text.purpose_legitimate_interests),
        "purposeOneTreatment": text.purpose_one_treatment,
        "publisherCountryCode": text.publisher_country,
        "vendorConsents": sorted(text.vendor_consents),
        "vendorLegitimateInterests": sorted(text.vendor_legitimate_interests),
        "vendorsDisclosed": sorted(text.vendors_disclosed or ()),
        "publisherConsents": sorted(text.publisher.purpose_consents) if text.publisher else [],
        "publisherRestrictions": [
            {"purposeId": item.purpose, "restrictionType": item.kind, "vendors": sorted(item.vendors)}
            for item in text.restrictions
        ],
    }


def _check(vector):
    if vector["expect"] == "valid":
        assert _as_reference(decode(vector["tc_string"])) == vector["decoded"]
    else:
        with pytest.raises(TcfError, match="no consent"):
            decode(vector["tc_string"])


def _encode(bits: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    bits += "0" * (-len(bits) % 6)
    return "".join(alphabet[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))


def _string(vendors="0" * 17, restrictions="0" * 12, tail="", others=(), **changes) -> str:
    """A TC string of policy 4 by which a Danish site got consent to all purposes for no vendor."""
    fields = {
        "version": 2, "created": _DAY["2023"], "last_updated": _DAY["2023"], "cmp_id": 10, "cmp_version": 1,
        "screen": 1, "language": 3 << 6, "list": 7, "policy": 4, "specific": 1, "texts": 0, "features": 0,
        "purposes": 0xFFE000, "interests": 0, "one": 0, "country": 3 << 6 | 10,
    } | changes  # fmt: skip
    core = "".join(f"{fields[name]:0{width}b}" for name, width in _WIDTHS.items())
    return ".".join([_encode(core + vendors + "0" * 17 + restrictions + tail), *map(_encode, others)])


def _range(*pairs: tuple[int, int], highest: int) -> str:
    entries = "".join(f"1{first:016b}{last:016b}" for first, last in pairs)
    return f"{highest:016b}1{len(pairs):012b}{entries}"


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: f"{vector['id']}-{vector['class']}")
def test_vector_of_the_official_encoder(vector):
    _check(vector)


@pytest.mark.real_data
@pytest.mark.skipif(not _REAL.is_dir(), reason=f"no real data sets at SAMTYKKE_REAL_DATA ({_REAL})")
def test_all_56_vectors():
    vectors = [json.loads(line) for line in (_REAL / "consent_tcf/vectors.jsonl").open()]
    assert len(vectors) == 56
    for vector in vectors:
        _check(vector)


@pytest.mark.parametrize(
    ("string", "reason"),
    [
        (None, "not_text"),
        ("", "empty"),
        ("A" * (LONGEST + 1), "too_long"),
        (_string() + "=", "not_base64url"),
        (_string() + ".", "not_base64url"),
        (_string(version=1), "version"),
        (_string(policy=3), "policy"),
        (_string(last_updated=_DAY["2026-02-28"]), "policy"),
        (_string(last_updated=_DAY["2026-02-28"], policy=5), "policy"),
        (_string(created=_DAY["2026-02-27"]), "times"),
        (_string(cmp_id=0), "cmp"),
        (_string(language=26 << 6), "language"),
        (_string(purposes=0xFFFFFF), "reserved_bits"),
        (_string(tail="1"), "padding"),
        (_string(tail="0" * 30), "padding"),
        (_string(vendors=_range((5, 4), highest=9)), "vendors"),
        (_string(vendors=_range((1, 10), highest=9)), "vendors"),
        (_string(vendors=_range((1, 5), (5, 6), highest=9)), "vendors"),
        (_string(restrictions=f"{1:012b}{12:06b}{0:02b}{0:012b}"), "restrictions"),
        (_string(others=["111" + "0" * 17]), "segment"),
        (_string(others=["001" + "0" * 17, "001" + "0" * 17]), "segment"),
    ],
)
def test_what_is_no_consent_names_its_reason(string, reason):
    with pytest.raises(TcfError) as error:
        decode(string)
    assert error.value.reason == reason


def test_the_seed_of_policies_says_what_the_decoder_assumes():
    assert Signals(Path(__file__).parents[2] / "seeds").policies == POLICIES


def test_a_string_of_2026_with_its_disclosed_vendors_is_read():
    disclosed = "001" + _range((2, 3), highest=9)
    text = decode(
        _string(vendors=_range((1, 3), highest=9), last_updated=_DAY["2026-02-28"], policy=5, others=[disclosed])
    )
    assert text.last_updated == datetime(2026, 2, 28, tzinfo=UTC)
    assert text.permits(2, {1, 3})
    assert not text.permits(1, {1}), "has a consent bit but was not disclosed"
    assert not text.permits(4, {1}) and not text.permits(2, set())


def test_a_permission_needs_every_bit_and_no_restriction():
    vendors = _range((1, 3), highest=9)
    restricted = f"{2:012b}" + f"{3:06b}00{1:012b}0{2:016b}" + f"{4:06b}01{1:012b}0{2:016b}"
    text = decode(_string(vendors=vendors, restrictions=restricted, purposes=0b1111 << 20))
    assert text.permits(2, {1, 2, 4}) and text.permits(1, {3})
    assert not text.permits(2, {3}) and not text.permits(2, {5})
    assert not decode(_string(vendors=vendors, specific=0)).permits(2, {1})


@pytest.mark.parametrize("vector", _VALID, ids=lambda vector: vector["id"])
def test_no_cut_of_a_valid_string_gains_consent(vector):
    # A cut may fall on the boundary of a segment and leave a shorter valid string; it must never say more.
    whole = decode(vector["tc_string"])
    for length in range(len(vector["tc_string"])):
        try:
            part = decode(vector["tc_string"][:length])
        except TcfError:
            continue
        assert part.purpose_consents <= whole.purpose_consents and part.vendor_consents <= whole.vendor_consents


@given(st.text(alphabet="ABCPQab019-_.= ", max_size=120) | st.text(max_size=40))
def test_any_text_is_decoded_or_refused(text):
    try:
        assert decode(text).version == 2
    except TcfError as error:
        assert error.reason
