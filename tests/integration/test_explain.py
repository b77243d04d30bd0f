"""What `samtykke explain` says is what the gates say, at any moment, as known at any moment."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from explain_home import SAID, email, phone

from samtykke.explain import Question, QuestionError, UnreadableIdentifierError, explain, history
from samtykke.explain.picture import draw
from samtykke.explain.warehouse import END_OF_KNOWLEDGE
from samtykke.storage.lock import home_lock

PROJECT = Path(__file__).resolve().parents[2]
PICTURE = PROJECT / "docs" / "images" / "permission-history.svg"


@pytest.fixture(scope="module")
def home(explained):
    return explained


def asked(home, identifier, recipient="meta", **question):
    explanation = explain(home.settings, Question(identifier, recipient, **question))
    (person,) = explanation.persons
    (answer,) = person.recipients
    return answer


def deciding(answer, key_of):
    (identifier,) = [one for one in answer.identifiers if one.identifier_kind == key_of]
    (rule,) = [rule for rule in identifier.rules if rule["decides"]]
    return rule["rule_id"], rule["reason"]


def test_every_person_is_in_or_out_as_the_audiences_say(home):
    gates = home.query("""
        select recipient, person_id::varchar, is_permitted and is_addressable from activation.recipient_people
    """)
    assert {answer for *_, answer in gates} == {True, False}
    told = {}
    for name in SAID:
        (person,) = explain(home.settings, Question(email(name))).persons
        told |= {(answer.recipient, person.person_id): answer.is_permitted for answer in person.recipients}
    assert told == {(recipient, person): answer for recipient, person, answer in gates}
    marts = home.query("""
        select recipient, person_id::varchar, is_permitted from marts.consent_explanations
        where gate = 'exit' and step = 'verdict'
    """)
    assert told == {(recipient, person): answer for recipient, person, answer in marts}


def test_what_was_permitted_then_is_told_by_both_clocks(home):
    """The withdrawal of 5 November was learned of in December: not allowed in between, and nobody could know."""
    between = datetime(2025, 11, 20)
    assert asked(home, email("anna"), at=between, known_at=between).state == "given"
    late = asked(home, email("anna"), at=between)
    assert (late.is_permitted, late.state, late.deciding["actor"]) == (False, "withdrawn", "subject")
    assert late.deciding["occurred_at"] < between < late.deciding["loaded_at"]
    assert (late.deciding["notice_id"], late.deciding["notice_version"]) == ("welcome", "2")


def test_an_operator_tried_to_raise_and_is_named(home):
    (email_row,) = [one for one in asked(home, email("anna")).identifiers if one.identifier_kind == "email"]
    (attempt,) = [rule for rule in email_row.rules if rule["rule_id"] == "R7"]
    assert (attempt["fires"], attempt["decides"], attempt["source"]) == (True, False, "crm_sync")
    assert (attempt["may_raise"], attempt["obstacle"], attempt["detail"]) == (False, "source_may_not_raise", "2")


@pytest.mark.parametrize(
    ("name", "recipient", "kind", "rule"),
    [
        ("anna", "meta", "email", ("R6", "latest_act_denies")),
        ("bo", "mailchimp", "email", ("R4", "on_list")),
        ("dora", "meta", "phone", ("R6", "latest_act_grants")),
        ("ida", "mailchimp", "email", ("R10", "not_confirmed")),
        ("jon", "meta", "email", ("R3", "art_18")),
        ("kim", "meta", "email", ("R6", "latest_act_denies")),
        ("lis", "meta", "email", ("R12", "basis_not_allowed")),
        ("max", "meta", "email", ("R5", "child_without_guardian")),
    ],
)
def test_the_rule_that_decides_is_named(home, name, recipient, kind, rule):
    assert deciding(asked(home, email(name), recipient), kind) == rule


def test_thirteen_rules_in_order_and_the_tie_is_seen(home):
    (identifier,) = [one for one in asked(home, email("kim")).identifiers if one.identifier_kind == "email"]
    assert [rule["rule_id"] for rule in identifier.rules] == [f"R{number}" for number in range(1, 14)]
    assert {rule["rule_id"] for rule in identifier.rules if rule["fires"]} == {"R6", "R8"}


def test_a_no_travels_over_the_link_and_what_was_sent_is_told(home):
    answer = asked(home, email("gro"))
    assert (answer.is_permitted, answer.reason) == (False, "denied_for_the_person")
    assert [row["state"] for row in answer.linked_denials] == ["refused"]
    assert [(row["operation"], row["segment"], row["authorising_event_id"]) for row in answer.exports] == [
        ("add", "bought_jeans", "grant")
    ]
    before = asked(home, email("gro"), known_at=datetime(2025, 2, 11, 12))
    assert before.exports == ()


def test_at_random_moments_it_says_what_permission_at_says(home):
    """For every person: an identifier may go if it is permitted and no linked one holds or will hold a no."""
    chosen = random.Random(7)
    names = sorted(SAID)
    for _ in range(12):
        at = datetime(2024, 1, 1) + timedelta(hours=chosen.randrange(24 * 900))
        known_at = chosen.choice([None, datetime(2024, 1, 1) + timedelta(hours=chosen.randrange(24 * 900))])
        name = chosen.choice(names)
        (person,) = explain(home.settings, Question(email(name), at=at, known_at=known_at)).persons
        keys = [row["identifier_key"] for row in person.identifiers]
        known = known_at or END_OF_KNOWLEDGE
        for answer in person.recipients:
            scope = [answer.purpose, answer.channel, answer.permission_recipient]
            permitted = set(_query(home, _PERMITTED, [at, known, *scope, keys]))
            denied = _query(home, _DENIED, [known, at, *scope, keys])
            expected = set() if denied else permitted
            told = {(one.identifier_key,) for one in answer.identifiers if one.is_permitted}
            assert told == {row for row in expected if row[0] in {one.identifier_key for one in answer.identifiers}}
            for one in answer.identifiers:
                own = (one.identifier_key,) in permitted
                assert all(rule["is_permitted"] == own for rule in one.rules), (name, at, known_at)


_PERMITTED = """
    select identifier_key from audit.permission_at($1, $2)
    where is_permitted and purpose = $3 and channel = $4 and recipient is not distinct from $5
        and identifier_key in (select unnest($6))
"""
_DENIED = """
    select 1 from intermediate.int_consent__intervals
    where holds_negative and known_from <= $1 and $1 < known_to and $2 < valid_to
        and purpose = $3 and channel = $4 and recipient is not distinct from $5
        and identifier_key in (select unnest($6))
"""


def _query(home, sql, values):
    from samtykke.storage.connect import open_home

    with open_home(home.settings, read_only=True) as connection:
        return connection.execute(sql, values).fetchall()


def test_every_way_to_write_an_identifier_finds_the_same_person(home):
    key = explain(home.settings, Question(email("anna"))).identifier_key
    (person,) = explain(home.settings, Question(email("anna"))).persons
    local = phone("anna").removeprefix("+45")
    for text in (
        " Anna@Example.com",
        phone("anna"),
        local,
        f"phone:{local}",
        "crm_id:anna",
        "anna",
        key,
        person.person_id,
    ):
        (same,) = explain(home.settings, Question(text)).persons
        assert same.person_id == person.person_id, text


def test_what_cannot_be_answered_is_said(home):
    assert explain(home.settings, Question("nobody@example.com")).is_known is False
    with pytest.raises(QuestionError, match="known: google, mailchimp, meta"):
        explain(home.settings, Question(email("anna"), "facebook"))
    with pytest.raises(UnreadableIdentifierError, match="email: "):
        explain(home.settings, Question("anna@"))


def test_the_command_shows_no_clear_identifier_and_waits_for_a_run(home):
    command = [sys.executable, "-m", "samtykke", "explain", email("anna"), "--home", str(home.settings.home)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "SAMTYKKE_PEPPER": "a pepper of the tests"}
    for options in (["--recipient", "meta"], ["--json"], []):
        done = subprocess.run([*command, *options], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for secret in (email("anna"), phone("anna"), "anna@", "20123"):
            assert secret not in done.stdout + done.stderr
    (person,) = json.loads(subprocess.run([*command, "--json"], env=environment, capture_output=True).stdout)["persons"]
    assert {answer["recipient"] for answer in person["recipients"]} == {"google", "mailchimp", "meta"}
    with home_lock(home.settings):
        done = subprocess.run([*command, "--at", "2025-01-01"], env=environment, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "another run is writing" in done.stderr


def test_the_picture_of_the_guide_is_what_the_command_draws(home):
    """Frozen, so that the guide shows what is drawn; deleted, the file is written anew."""
    drawn_for = history(home.settings, Question(email("anna")))
    drawn = draw(drawn_for).replace(drawn_for.person_id, "01950000-0000-7000-8000-000000000001")
    assert ElementTree.fromstring(drawn).get("role") == "img"
    assert draw(history(home.settings, Question(email("anna")))).count("<path") == drawn.count("<path")
    if not PICTURE.exists():
        PICTURE.write_text(drawn)
        pytest.fail(f"{PICTURE.name} did not exist and was written; look at it and commit it")
    assert drawn == PICTURE.read_text()


def test_nothing_has_run_yet(tmp_path):
    command = [sys.executable, "-m", "samtykke", "explain", "anna@example.com", "--home", str(tmp_path / "home")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True)
    assert (done.returncode, "nothing has run yet" in done.stderr) == (2, True)
    assert not (tmp_path / "home").exists()
