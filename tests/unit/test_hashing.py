"""What leaves for a platform: the published vectors; nothing empty, invalid or hashed twice."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from samtykke.hashing import Hashed, MixedInput, column_for_platform, for_platform, rules

_VECTORS = json.loads((Path(__file__).parents[1] / "data/platform_vectors.json").read_text(encoding="utf-8"))
# SHA-256 and MD5 of nothing, in every encoding: a platform that gets them matches on them.
_EMPTY = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "d41d8cd98f00b204e9800998ecf8427e",
}


def _id(vector):
    return f"{vector['platform']}-{vector['kind']}-{vector['raw'].strip()}"


@pytest.mark.parametrize("vector", _VECTORS["good"], ids=_id)
def test_published_vector(vector):
    result = for_platform(
        vector["platform"],
        vector["kind"],
        vector["raw"],
        vector.get("region"),
        encoding=vector.get("encoding"),
    )
    assert result.reason is None
    assert result.form == vector["form"]
    if vector["value"] is not None:
        assert result.value == vector["value"]
    if "hex" in vector:  # EUID's pages give both spellings of the same bytes; base64 is what is sent
        assert base64.b64decode(result.value).hex() == vector["hex"]


@pytest.mark.parametrize("vector", _VECTORS["refused"], ids=_id)
def test_wrong_published_vector_is_not_copied(vector):
    result = for_platform(vector["platform"], vector["kind"], vector["raw"])
    assert result.value == vector["value"]
    assert result.value != vector.get("published")
    # wrong, not only another spelling: no normal form gives the digest that the page prints
    spellings = {vector["raw"], vector["raw"].upper(), vector["raw"].lower(), f" {vector['raw']}", f"{vector['raw']}\n"}
    for text in spellings if vector["kind"] == "email" and "published_begins" in vector else ():
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert not (digest.startswith(vector["published_begins"]) and digest.endswith(vector["published_ends"]))


def test_a_wrong_published_vector_is_nowhere_among_those_we_follow():
    followed = {vector["value"] for vector in _VECTORS["good"]} | {
        vector.get("hex", "-") for vector in _VECTORS["good"]
    }
    for vector in _VECTORS["refused"]:
        assert vector.get("published", "") not in followed
        assert not any(value and value.startswith(vector.get("published_begins", "\0")) for value in followed)
    # TikTok's is the digest of the number without the plus that its text asks for
    (phone,) = (vector for vector in _VECTORS["refused"] if vector["platform"] == "tiktok")
    assert hashlib.sha256(phone["raw"].lstrip("+").encode()).hexdigest() == phone["published"]


def test_one_phone_has_three_encodings():
    phone = "+4512345678"  # a shape only: no Danish subscriber has it
    digits = "ba642551f3be61fa910717f54929ce98d8192daa9de39ab0142da6d43048d8ec"
    plus = "7d5574e4ec1f7e9b606eadd8d76eab15510a93ca476ee1705145b32cd6ab6504"
    assert for_platform("meta", "phone", phone).value == for_platform("snapchat", "phone", phone).value == digits
    assert for_platform("google", "phone", phone).value == for_platform("tiktok", "phone", phone).value == plus
    assert for_platform("euid", "phone", phone).value == "fVV05Owffptgbq3Y126rFVEKk8pHbuFwUUWzLNarZQQ="
    assert for_platform("braze", "phone", "33 12 34 56", "DK").value == "+4533123456"


@pytest.mark.parametrize("key", sorted(rules()), ids="-".join)
@pytest.mark.parametrize("value", [None, "", " \t\u00a0", "\u200b"])
def test_nothing_is_never_hashed(key, value):
    assert for_platform(*key, value)[:2] == (None, "empty")


_REFUSED = [
    ("meta", "email", "no address", None, "no_at_sign"),
    ("google", "email", "+tag@gmail.com", None, "syntax"),
    ("meta", "phone", "12345678", "DK", "not_valid"),
    ("meta", "phone", "33123456", None, "no_region"),
    # Danish, American, and Dutch, Singaporean if the first digits were a country's code: another person's number
    ("google", "phone", "31 12 34 56", None, "no_region"),
    ("meta", "phone", "(650) 253-0000", None, "no_region"),
    ("google", "phone", "+45१२३४५६७८", None, "not_valid"),
    ("meta", "birth_year", "20２5", None, "not_a_date"),
    ("google", "phone", "4.5331E+09", "DK", "precision_lost"),
    ("meta", "phone", "0000000", "DK", "too_short"),
    ("ttd", "phone", "+298 211234", None, "too_short_for_platform"),
    ("meta", "first_name", "💩", None, "no_letter"),
    ("meta", "city", "東京", None, "no_letter"),
    ("meta", "gender", "x", None, "not_m_or_f"),
    ("meta", "birth_date", "02/03/1990", None, "ambiguous_date"),
    ("meta", "birth_date", "1990-02-30", None, "not_a_date"),
    ("meta", "country", "Denmark", None, "not_a_country"),
    ("meta", "madid", "00000000-0000-0000-0000-000000000000", None, "tracking_off"),
    ("google", "last_name", ", jr.", None, "no_letter"),
    ("google", "first_name", "Mr. -", None, "no_letter"),
    ("linkedin", "first_name", "a" * 36, None, "too_long_for_platform"),
    ("linkedin", "phone", "+4533123456", None, "not_accepted"),
]


@pytest.mark.parametrize(("platform", "kind", "value", "region", "reason"), _REFUSED)
def test_what_a_platform_cannot_match_is_refused_with_a_reason(platform, kind, value, region, reason):
    assert for_platform(platform, kind, value, region)[:2] == (None, reason)


@pytest.mark.parametrize(
    "digest",
    [
        "A" * 64, "0" * 32, "f" * 40, "b" * 128, "UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0/Yo=",
        "\\x" + "a1" * 32, "0x" + "A1" * 20, "UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0_Yo",
        "rL0Y20zC+Fzt72VPzMSk2A==", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "z4Ph" * 21 + "Pg==",
    ],
)  # fmt: skip
def test_a_digest_is_never_hashed_again(digest):
    for (platform, kind), rule in rules().items():
        if rule.hash != "none":
            result = for_platform(platform, kind, digest)
            assert result[:2] == (None, "already_hashed"), (platform, kind)


def test_a_digest_counts_only_as_a_whole():
    # An unanchored test would take this address for a digest.
    assert for_platform("meta", "email", "a" * 64 + "@example.com").value is not None


def test_a_column_of_clear_and_hashed_values_is_refused():
    with pytest.raises(MixedInput, match="1 of 3 values"):
        column_for_platform("meta", "email", ["anna@example.com", None, "a" * 64])
    hashed = column_for_platform("meta", "email", ["a" * 64, None])
    assert [result.reason for result in hashed] == ["already_hashed", "empty"]


def test_other_forms():
    def form(platform, kind, value, region=None):
        return for_platform(platform, kind, value, region).form

    assert form("google", "first_name", "Mrs. Anna Marie") == "anna marie"
    assert form("google", "last_name", "Berg, Jr.") == "berg"
    assert form("google", "email", "anna berg@example.com") == "annaberg@example.com"
    assert form("euid", "email", "Jane.Doe+x@googlemail.com") == "jane.doe+x@googlemail.com"
    assert form("tiktok", "email", "anna+news@example.com") == "anna+news@example.com"
    assert form("tiktok", "email_untagged", "anna+news@example.com") == "anna@example.com"
    assert form("meta", "gender", "Kvinde") == "f"
    assert form("meta", "first_initial", "Åse") == "å"
    assert form("meta", "state", "California", "US") == "ca"
    assert form("meta", "state", "Nordrhein-Westfalen", "DE") == "nordrheinwestfalen"
    assert form("meta", "zip", "SW1A 1AA", "GB") == "sw1a1aa"
    assert form("meta", "zip", "１２３４５") == "12345"
    assert form("google", "phone", "+49 (0) 1 23 45") == "+4912345"
    assert form("google", "phone", "+45\u206020\u00a012\u202f34\u200956") == "+4520123456"
    assert form("tiktok", "email_untagged", '"anna,b+x"@example.com') == '"anna,b+x"@example.com'
    assert [form("meta", f"birth_{part}", "1997-02-06") for part in ("year", "month", "day")] == [
        "1997",
        "02",
        "06",
    ]
    assert for_platform("mailchimp", "member_id", "Anna@example.com").value == "6b56db1f84a3997b902509d3fbf0a306"
    assert for_platform("meta", "madid", "5F3A2B18-9C4D-4E7F-B8E2-17D3A1E69B25") == Hashed(
        "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25", None, "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25"
    )


def test_no_rule_hashes_nothing_into_the_digest_of_nothing():
    odd = ["", " ", ".", "+", "@", "-", "0", "\u200b@\u200b", "…", "+@gmail.com", "00000", "ß", "'", ", jr.", "Mr. -"]
    for platform, kind in rules():
        for value in odd:
            assert for_platform(platform, kind, value, "DK").value not in _EMPTY


@pytest.mark.parametrize(
    "arguments",
    [("nobody", "email", "a@example.com"), ("meta", "shoe_size", "43"), ("meta", "email", "a@b.dk", None)],
)
def test_unknown_words_are_errors(arguments):
    with pytest.raises(ValueError, match=r"unknown|does not take"):
        for_platform(*arguments, encoding="base64")
