"""Records and receipts are what ISO/IEC TS 27560 wants, for everybody, and never say who in clear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from explain_home import SAID, email, phone
from jsonschema import Draft202012Validator

from samtykke.consent.records import consent_record, record_schema
from samtykke.explain import Question, QuestionError

PROJECT = Path(__file__).resolve().parents[2]


def problems(record):
    validator = Draft202012Validator(record_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(record)]


def process(record, purpose, recipient):
    (found,) = [
        one
        for one in record["dpv:hasProcess"]
        if one["samtykke:purpose"] == purpose and one["dpv:hasRecipient"] == recipient
    ]
    return found


def test_every_record_and_receipt_fulfils_the_schema(explained):
    Draft202012Validator.check_schema(record_schema())
    for name in SAID:
        for is_receipt in (False, True):
            record = consent_record(explained.settings, Question(email(name)), is_receipt=is_receipt)
            assert problems(record) == [], name
            text = json.dumps(record)
            assert email(name) not in text and phone(name) not in text
            assert ("k1_" in text) is (not is_receipt and bool(SAID[name]))


def test_an_unknown_field_or_a_key_on_a_receipt_breaks_the_schema(explained):
    record = consent_record(explained.settings, Question(email("anna")))
    assert problems(record | {"email": "x"})
    receipt = record | {
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": record["dct:conformsTo"].replace("record-", "receipt-"),
    }
    assert problems(receipt)


def test_a_record_tells_what_was_known(explained):
    record = consent_record(explained.settings, Question(email("anna")))
    meta = process(record, "advertising.audience", ["meta"])
    assert meta["dpv:hasPurpose"] == "dpv:TargetedAdvertising"
    by_kind = {one["samtykke:identifierKind"]: one for one in meta["samtykke:standing"]}
    assert by_kind["email"]["dpv:hasConsentStatus"] == "dpv:ConsentWithdrawn"
    assert by_kind["phone"]["dpv:hasConsentStatus"] == "dpv:ConsentGiven"
    told = [(one["@type"], one["samtykke:ignored"]) for one in meta["dpv:hasConsentStatus"]]
    assert told == [
        ("dpv:ConsentStatusInvalidForProcessing", "imported_state"),
        ("dpv:ConsentGiven", None),
        ("dpv:ConsentGiven", None),
        ("dpv:ConsentWithdrawn", None),
        ("dpv:ConsentStatusInvalidForProcessing", "source_may_not_raise"),
    ]
    (notice,) = meta["dpv:hasNotice"]
    assert (notice["dct:identifier"], notice["dct:hasVersion"], notice["dct:language"]) == ("welcome", "2", "da")
    then = consent_record(explained.settings, Question(email("anna"), known_at=datetime(2025, 12, 1)))
    standing = process(then, "advertising.audience", ["meta"])["samtykke:standing"]
    assert {one["samtykke:state"] for one in standing} == {"given"}


def test_what_ended_by_itself_is_an_event_of_the_record(explained):
    record = consent_record(explained.settings, Question(email("anna")))
    (sms,) = [one for one in record["dpv:hasProcess"] if one["samtykke:channel"] == "sms"]
    assert [one["@type"] for one in sms["dpv:hasConsentStatus"]] == ["dpv:ConsentGiven", "dpv:ConsentExpired"]
    assert sms["dpv:hasConsentStatus"][1]["dct:date"] == "2025-08-10T00:00:00Z"


def test_the_command_writes_the_same_bytes_twice(explained, tmp_path):
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "SAMTYKKE_PEPPER": "a pepper of the tests",
        "SAMTYKKE_CONTROLLER_NAME": "Example A/S",
        "SAMTYKKE_CONTROLLER_ADDRESS": "Nygade 1, 8000 Aarhus",
        "SAMTYKKE_CONTROLLER_CONTACT": "https://shop.example/privacy",
    }
    home = str(explained.settings.home)
    for name in ("one.json", "two.json"):
        command = [sys.executable, "-m", "samtykke", "consent", "record", email("anna"), "--receipt", "--home", home]
        done = subprocess.run(
            [*command, "--out", str(tmp_path / name)], env=environment, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    receipt = json.loads((tmp_path / "one.json").read_text())
    assert problems(receipt) == []
    assert receipt["dpv:hasEntity"][0]["dpv:hasName"] == "Example A/S"


def test_nobody_has_no_record(explained):
    with pytest.raises(QuestionError, match="nothing is known"):
        consent_record(explained.settings, Question("nobody@example.com"))
