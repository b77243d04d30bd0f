"""Normal forms: what is joined, what is refused, and that nothing ever crashes or merges on doubt."""

import json
import os
from pathlib import Path

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samtykke import normalise
from samtykke.normalise import PLATFORMS, Normalised, email, handle, name, nickname, phone, phone_facts
from samtykke.normalise._email import _plain

REAL_DATA = Path(os.environ.get("SAMTYKKE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_real_data = [
    pytest.mark.real_data,
    pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data sets at SAMTYKKE_REAL_DATA ({REAL_DATA})"),
]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (" Anna.Berg+News@Example.COM\t\r\n", "anna.berg+news@example.com"),
        ("\u200banna@example.com\ufeff\u00a0", "anna@example.com"),
        ("an\u00adna@example.com", "anna@example.com"),
        ("Anna Berg <Anna@Example.com>", "anna@example.com"),
        ("mailto:anna@example.com?subject=Hej", "anna@example.com"),
        ("José54@example.com", "josé54@example.com"),
        ("Jose\u030154@example.com", "josé54@example.com"),
        ("søren@blåbærgrød.dk", "søren@blåbærgrød.dk"),
        ("søren@xn--blbrgrd-fxak7p.dk", "søren@blåbærgrød.dk"),
        ("юзер@екзампл.ком", "юзер@екзампл.ком"),
        ("jeff葉@example.com", "jeff葉@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
    ],
)
def test_email_spellings_of_one_mailbox_meet(raw, value):
    assert email(raw) == Normalised(value, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "empty"),
        (" \u00a0\u200b", "empty"),
        ("pаul@example.com", "mixed_script"),  # Cyrillic а
        ("paul@exаmple.com", "mixed_script"),
        ("ｐaul@example.com", "compatibility_character"),
        ("paul\u202e@example.com", "bidi_control"),
        ("pa\tul@example.com", "control_character"),
        ("pa\x00ul@example.com", "control_character"),
        ("pa ul@example.com", "whitespace_inside"),
        ("paul at example.com", "no_at_sign"),
        ("a" * 64, "already_hashed"),
        ("anna@example.com.invalid", "special_use_domain"),
        ("a" * 65 + "@example.com", "too_long"),
        ("anna@example", "syntax"),
        ("anna@example.com, berg@example.com", "whitespace_inside"),
        ("\ud800@example.com", "not_unicode"),
    ],
)
def test_email_refusals_name_their_reason(raw, reason):
    assert email(raw) == Normalised(None, reason)


@given(st.from_regex(r"[a-z0-9.!#+_'-]{1,20}@[a-z0-9.-]{1,20}\.[a-z]{2,4}", fullmatch=True))
def test_email_short_cut_equals_the_full_rules(address):
    # The short cut exists for speed only: it may accept nothing that the validator refuses or spells
    # differently.
    plain = _plain(address)
    if plain is not None:
        checked = email_validator.validate_email(address, check_deliverability=False, strict=True)
        assert plain == checked.normalized


@pytest.mark.parametrize(
    ("raw", "region", "value"),
    [
        ("33 12 34 56", "DK", "+4533123456"),
        ("33\u00a012\u00a034\u00a056", "dk", "+4533123456"),
        ("4533123456", "DK", "+4533123456"),
        ("0045 33123456", None, "+4533123456"),
        ("+45-33.12.34.56", None, "+4533123456"),
        ("p:+4533123456", "NO", "+4533123456"),
        ("'33123456", "DK", "+4533123456"),
        ("4533123456.0", "DK", "+4533123456"),
        ("tel:33-12-34-56;phone-context=+45", None, "+4533123456"),
        ("\u202a+45 33 12 34 56\u202c", None, "+4533123456"),
        ("+49 0711 2842222", None, "+497112842222"),
        ("+46 (0)8 12 34 56", None, "+468123456"),
        ("+39 06 1234 5678", None, "+390612345678"),
        ("+39 (0)6 1234 5678", None, "+390612345678"),
        ("06 1 234 5678", "HU", "+3612345678"),
        ("٣٣١٢٣٤٥٦", "DK", "+4533123456"),
    ],
)
def test_phone_spellings_of_one_number_meet(raw, region, value):
    assert phone(raw, region) == Normalised(value, None)


@pytest.mark.parametrize(
    ("raw", "region", "reason"),
    [
        ("4.533123456E+09", "DK", "precision_lost"),
        ("4,5331E+09", "DK", "precision_lost"),
        ("33123456", None, "no_region"),
        ("33123456", "ZZ", "no_region"),
        ("1-800-FLOWERS", "US", "letters"),
        ("33 12 34 56 ext. 7", "DK", "extension"),
        ("33123456 / 33123457", "DK", "several_numbers"),
        ("331234", "DK", "too_short"),
        ("3312345678901", "DK", "too_long"),
        ("+999 33123456", None, "unknown_country_code"),
        (
            "+45 12 34 56 78",
            None,
            "not_valid",
        ),  # a shape without a subscriber: Danish numbers do not begin with 12
        ("3e" + "a" * 62, "DK", "already_hashed"),
        ("", "DK", "empty"),
    ],
)
def test_phone_refusals_name_their_reason(raw, region, reason):
    assert phone(raw, region) == Normalised(None, reason)


def test_phone_facts_tell_region_and_type():
    assert phone_facts("+46701234567") == ("SE", "mobile")
    assert phone_facts("+468123456") == ("SE", "fixed_line")
    assert phone_facts("+80012345678") == (None, "other")
    assert phone_facts("nonsense") == (None, "other")


@pytest.mark.parametrize(
    ("raw", "platform", "value"),
    [
        ("@Anna.Berg", "instagram", "anna.berg"),
        ("https://www.instagram.com/Anna.Berg/?hl=da", "Instagram", "anna.berg"),
        ("https://twitter.com/AnnaBerg", "twitter", "annaberg"),
        ("x.com/AnnaBerg", "x", "annaberg"),
        ("https://www.facebook.com/profile.php?id=100012345", "facebook", "100012345"),
        ("https://m.facebook.com/anna.berg.7?ref=x", "facebook", "anna.berg.7"),
        ("https://de.linkedin.com/in/j%C3%B8rgen-berg-12/", "linkedin", "jørgen-berg-12"),
        ("https://www.tiktok.com/@anna_berg?lang=da", "tiktok", "anna_berg"),
        ("https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv", "youtube", "UCabcdefghijklmnopqrstuv"),
        ("https://youtube.com/@AnnaBerg", "youtube", "annaberg"),
        ("https://www.pinterest.co.uk/annaberg/", "pinterest", "annaberg"),
        ("https://bsky.app/profile/Anna.Example.com", "bluesky", "anna.example.com"),
        ("@anna@mastodon.example", "mastodon", "anna@mastodon.example"),
        ("https://mastodon.example/@Anna", "mastodon", "anna@mastodon.example"),
        ("https://www.snapchat.com/add/anna-berg", "snapchat", "anna-berg"),
        ("Anna_Berg", "a forum nobody knows", "anna_berg"),
    ],
)
def test_handle_spellings_of_one_profile_meet(raw, platform, value):
    assert handle(raw, platform) == Normalised(value, None)


@pytest.mark.parametrize(
    ("raw", "platform", "reason"),
    [
        ("", "x", "empty"),
        ("anna", "", "no_platform"),
        ("anna berg", "x", "whitespace_inside"),
        ("anna.berg", "x", "syntax"),
        ("a" * 16, "x", "syntax"),
        ("https://example.com/anna", "instagram", "other_site"),
        ("https://notinstagram.com/anna", "instagram", "other_site"),
        ("https://www.instagram.com/p/C0ffee/", "instagram", "not_a_profile"),
        ("https://www.linkedin.com/company/example", "linkedin", "not_a_profile"),
        ("anna", "mastodon", "no_server"),
        ("annа", "instagram", "syntax"),  # Cyrillic а
    ],
)
def test_handle_refusals_name_their_reason(raw, platform, reason):
    assert handle(raw, platform) == Normalised(None, reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("  SØREN   Åge ", "søren åge"),
        ("Jean – Pierre", "jean-pierre"),
        ("O’Brien", "o'brien"),
        ("STRAUß", "strauss"),
        ("Vale\u0301ry", "valéry"),
        ("J.R. Hansen", "j r hansen"),
        ("정", "정"),
        ("李 小龍", "李 小龍"),
        ("محمد", "محمد"),
        ("💩", None),
        ("---", None),
    ],
)
def test_name_keeps_the_letters_of_every_script(raw, value):
    assert name(raw).value == value


def test_nickname_keeps_what_tells_nicknames_apart():
    assert nickname(" @Xx_Anna_xX ").value == "xx_anna_xx"
    assert nickname("anna!") != nickname("anna")


_ANY = [
    email,
    name,
    nickname,
    lambda text: phone(text, "DK"),
    *(lambda t, p=p: handle(t, p) for p in [*PLATFORMS, "y"]),
]


@given(st.one_of(st.text(), st.text(alphabet="aA@.+0<>\"'/: İıß\u0301\u200d\u202eа#:=")))
def test_any_text_has_a_normal_form_or_a_reason_and_normal_forms_stay(text):
    for function in _ANY:
        result = function(text)
        assert (result.value is None) != (result.reason is None)
        if result.value is not None and not result.value.startswith(("user/", "c/")):
            assert function(result.value).value == result.value


class TestRealData:
    pytestmark = needs_real_data

    def test_phone_spellings_of_32_european_regions(self):
        cases = [json.loads(line) for line in (REAL_DATA / "phones/phones.jsonl").open(encoding="utf-8")]
        wrong = [c["id"] for c in cases if phone(c["raw"], c["default_region"]).value != c["e164"]]
        assert len(cases) == 296 and wrong == []

    def test_email_cases_of_email_validator(self):
        # Ours differs on purpose: lower case, surrounding space dropped (061), display names read (097, 103,
        # 105).
        cases = json.loads((REAL_DATA / "email_validity/email_validator_cases.json").read_text(encoding="utf-8"))
        expected = {c["id"]: c["normalized"].lower() if c["verdict"] == "accept" else None for c in cases}
        ours = {c["id"]: email(c["address"]).value for c in cases}
        assert len(cases) == 55
        assert {id for id in ours if ours[id] != expected[id]} == {"ev061", "ev097", "ev103", "ev105"}

    @pytest.mark.parametrize(("kind", "valid"), [("valid", True), ("invalid", False)])
    def test_at_protocol_handles(self, kind, valid):
        # A trailing blank is no part of a handle that somebody typed into a form.
        lines = (REAL_DATA / f"handles/handle_syntax_{kind}.txt").read_text(encoding="utf-8").split("\n")
        cases = [line for line in lines if line and line == line.strip()]
        assert len(cases) > 20
        assert [c for c in cases if (handle(c, "bluesky").value is not None) != valid] == []

    def test_naughty_strings_crash_nothing(self):
        for text in json.loads((REAL_DATA / "blns/blns.json").read_text(encoding="utf-8")):
            for function in _ANY:
                assert isinstance(function(text), normalise.Normalised)
