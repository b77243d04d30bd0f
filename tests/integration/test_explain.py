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
from samtykke.explain.question import about
from samtykke.explain.warehouse import END_OF_KNOWLEDGE
from samtykke.storage.connect import open_home
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
    """Of everybody: an identifier may go if it is permitted and no linked one holds or will hold a no."""
    chosen = random.Random(7)
    for number in range(10):
        at = datetime(2024, 1, 1) + timedelta(hours=chosen.randrange(24 * 900))
        known_at = chosen.choice([None, datetime(2024, 1, 1) + timedelta(hours=chosen.randrange(24 * 900))])
        with open_home(home.settings, read_only=True) as connection:
            values = {"at": at, "known": known_at or END_OF_KNOWLEDGE}
            assert connection.execute(_OUT_OF_STEP, values).fetchall() == [], (at, known_at)
            gates = connection.execute(_GATES, values).fetchall()
        if number < 3:
            name = chosen.choice(sorted(SAID))
            (person,) = explain(home.settings, Question(email(name), at=at, known_at=known_at)).persons
            told = {
                (answer.recipient, one.identifier_key, one.is_permitted)
                for answer in person.recipients
                for one in answer.identifiers
            }
            assert told == {row for *row, owner in gates if owner == person.person_id for row in [tuple(row)]}


_GATES = """
    select recipient, identifier_key, is_permitted, person_id::varchar from audit.recipient_identifiers_at($at, $known)
"""
# Said once more from the intervals: what the gates and the thirteen rules make of a moment, and what they should.
_OUT_OF_STEP = """
    with expected as (
        select gate.recipient, gate.person_id, gate.identifier_key,
            coalesce(bool_or(own.is_permitted), false) and not exists (
                select 1 from intermediate.int_identity__person_links as links
                inner join intermediate.int_consent__intervals as others
                    on links.identifier_key = others.identifier_key
                where links.person_id = gate.person_id and others.holds_negative
                    and others.purpose = kind.purpose and others.channel = kind.channel
                    and others.recipient is not distinct from kind.permission_recipient
                    and others.known_from <= $known and $known < others.known_to and $at < others.valid_to
            ) as is_permitted
        from audit.recipient_identifiers_at($at, $known) as gate
        inner join reference.recipients as kind on gate.recipient = kind.recipient
        left join intermediate.int_consent__intervals as own
            on gate.identifier_key = own.identifier_key and own.purpose = kind.purpose and own.channel = kind.channel
            and own.recipient is not distinct from kind.permission_recipient
            and own.known_from <= $known and $known < own.known_to and own.valid_from <= $at and $at < own.valid_to
        group by gate.recipient, gate.person_id, gate.identifier_key, kind.purpose, kind.channel,
            kind.permission_recipient
    )
    (
        select recipient, person_id, identifier_key, is_permitted from expected
        except
        select recipient, person_id, identifier_key, is_permitted from audit.recipient_identifiers_at($at, $known)
    )
    union all
    (
        select rules.recipient, null, rules.identifier_key, rules.is_permitted
        from audit.rules_at($at, $known) as rules
        left join audit.permission_at($at, $known) as decided
            on rules.identifier_key = decided.identifier_key and rules.purpose = decided.purpose
            and rules.channel is not distinct from decided.channel
            and rules.recipient is not distinct from decided.recipient
        where rules.decides and (
            not rules.fires or rules.rule_id <> coalesce(decided.rule_id, 'R13')
            or rules.is_permitted <> coalesce(decided.is_permitted, false)
        )
    )
"""


def test_every_way_to_write_an_identifier_finds_the_same_person(home):
    with about(home.settings, Question(email("anna"))) as person:
        anna, keys = person.person_id, person.keys
    local = phone("anna").removeprefix("+45")
    for text in (" Anna@Example.com", phone("anna"), local, f"phone:{local}", "crm_id:anna", "anna", keys[0], anna):
        with about(home.settings, Question(text)) as same:
            assert (same.person_id, same.keys) == (anna, keys), text


def test_a_purpose_of_use_is_told_rule_by_rule(home):
    (person,) = explain(home.settings, Question(email("anna"), purpose="analytics.behaviour")).persons
    told = {one.identifier_kind: (one.is_permitted, one.rule_id, len(one.rules)) for one in person.purpose}
    assert told == {"email": (True, "R6", 13), "phone": (False, "R13", 13)}
    with pytest.raises(QuestionError, match="known: analytics"):
        explain(home.settings, Question(email("anna"), purpose="marketing.direct"))


def test_what_cannot_be_answered_is_said(home):
    assert explain(home.settings, Question("nobody@example.com")).is_known is False
    with pytest.raises(QuestionError, match="known: google, mailchimp, meta"):
        explain(home.settings, Question(email("anna"), "facebook"))
    with pytest.raises(UnreadableIdentifierError, match="email: "):
        explain(home.settings, Question("anna@"))


def test_the_command_shows_no_clear_identifier_and_waits_for_a_run(home):
    command = [sys.executable, "-m", "samtykke", "explain", email("anna"), "--home", str(home.settings.home)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "SAMTYKKE_PEPPER": "a pepper of the tests"}
    for options in (["--recipient", "meta"], ["--json"]):
        done = subprocess.run([*command, *options], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for secret in (email("anna"), phone("anna"), "anna@", "20123"):
            assert secret not in done.stdout + done.stderr
    (person,) = json.loads(done.stdout)["persons"]
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
