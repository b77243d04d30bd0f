"""What ``samtykke identifier explain`` says: every step to what a platform gets, and nothing anywhere else."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from samtykke.cli import app
from samtykke.hashing import for_platform, rules
from samtykke.hashing.explain import explain, kind_of


def steps(value, **options):
    return [(one.step, one.text) for one in explain(value, **options) if one.platform != "samtykke"]


def test_every_step_is_there():
    assert steps(" Jane.Doe+Shopping@googlemail.com ", platform="google") == [
        ("first", "jane.doe+shopping@googlemail.com"),
        ("form", "janedoe@googlemail.com"),
        ("sent", for_platform("google", "email", "janedoe@googlemail.com").value),
    ]
    assert [step for step, _ in steps("+4533123456", platform="euid")] == ["form", "hashed", "sent"]
    assert steps("33 12 34 56", platform="meta", region="DK")[:2] == [("first", "+4533123456"), ("form", "4533123456")]
    assert steps("+298 211234", platform="ttd") == [
        ("first", "+298211234"),
        ("nothing is sent", None),
    ]
    assert steps("København", platform="meta", kind="city")[0] == ("form", "kbenhavn")


@pytest.mark.parametrize("kind", sorted({kind for _, kind in rules()}))
def test_what_is_said_to_be_sent_is_what_is_sent(kind):
    value = {"email": "anna@example.com", "phone": "+4533123456", "madid": "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25"}.get(
        kind, "1997-02-16" if kind.startswith("birth") else "us" if kind == "country" else "anna@example.com"
    )
    for one in explain(value, kind=kind):
        if one.step == "sent":
            assert one.text == for_platform(one.platform, kind, value).value


@pytest.mark.parametrize(
    ("value", "kind"),
    [("@AdsAPI", "handle"), ("a@example.com", "email"), ("+45 33 12 34 56", "phone"),
     ("5F3A2B18-9C4D-4E7F-B8E2-17D3A1E69B25", "madid"), ("33-12-34-56", "phone")],
)  # fmt: skip
def test_a_value_is_taken_for_what_it_looks_like(value, kind):
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--kind", "shoe"], "unknown kind 'shoe'"), (["--region", "XX"], "unknown country 'XX'"),
     (["--platform", "nobody"], "unknown platform 'nobody'")],
)  # fmt: skip
def test_a_word_that_nobody_knows_is_told(options, said):
    ended = CliRunner().invoke(app, ["identifier", "explain", "20123456", *options])
    assert ended.exit_code == 2 and said in ended.output


def test_what_is_told_is_for_readers():
    told = [one.says for one in explain("Jane.Doe+x@googlemail.com")] + [
        one.says for one in explain("1997", kind="birth_year")
    ]
    assert told and not any("``" in says or "email_" in says for says in told)


def test_the_command_keeps_nothing_of_what_was_typed(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("SAMTYKKE_HOME", str(tmp_path / "home"))
    ended = CliRunner().invoke(app, ["identifier", "explain", "-", "--json"], input="Anna@Example.com\n")
    assert ended.exit_code == 0 and json.loads(ended.stdout)[0]["text"] == "anna@example.com"
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(b"anna" in file.read_bytes().lower() for file in kept) and "anna" not in caplog.text.lower()
