from __future__ import annotations

import csv
import json
import os
import shutil
from datetime import timedelta

import pytest
from export_home import AS_OF, ExportHome

from samtykke.activation import files, gate, sent
from samtykke.activation.export import ExportError, export_all
from samtykke.storage.chain import first_broken_link
from samtykke.storage.connect import open_home

ANNA, BO, CARL = ("email", "anna@example.com"), ("email", "bo@example.org"), ("email", "carl@example.net")
ANNA_PHONE = ("phone", "+4520123456")
NEXT_DAY = AS_OF + timedelta(days=1)
JEANS, NEWS = ("meta", "jeans"), ("mailchimp", "jeans")


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    home = ExportHome(tmp_path_factory.mktemp("template") / "home").create()
    home.declare(JEANS, NEWS)
    return home.settings.home


@pytest.fixture
def home(template, tmp_path):
    shutil.copytree(template, tmp_path / "home")
    return ExportHome(tmp_path / "home")


def run(home, as_of=AS_OF, **options):
    return {(result.recipient, result.segment): result for result in export_all(home.settings, as_of=as_of, **options)}


def held_by_replay(home, audience, column):
    """What a recipient holds who applied every build's files in order: an oracle that knows no ledger."""
    held = set()
    folder = home.settings.exports.joinpath(*audience)
    for build in sorted(folder.iterdir(), key=lambda path: path.name.split("-")[1]) if folder.exists() else []:
        for name in json.loads((build / "manifest.json").read_text())["apply_in_order"]:
            with open(build / name, newline="") as source:
                values = {row[column] for row in csv.DictReader(source)}
            held = held - values if name == "remove.csv" else held | values
    return held


def both(*people):
    numbered = {number: [one] for number, one in enumerate(people, 1) if one}
    return {JEANS: numbered, NEWS: numbered}


def assert_ledger_is_true(home):
    """Every directory is acknowledged and every acknowledged build has its directory, the chains hold."""
    states = home.rows(
        "select recipient, segment, build_id from ledger.export_build_states where state = 'acknowledged'"
    )
    directories = {
        path.parent.relative_to(home.settings.exports).parts for path in home.settings.exports.rglob("manifest.json")
    }
    assert set(states) == directories
    assert not (home.settings.exports / ".building").exists()
    with open_home(home.settings, read_only=True) as connection:
        assert first_broken_link(connection, "ledger.export_builds") is None
        assert first_broken_link(connection, "ledger.export_rows") is None


def test_a_second_run_on_the_same_input_writes_nothing(home):
    home.build(both(ANNA, BO))
    first = run(home)
    assert first[JEANS].added == 2 and first[JEANS].path.is_dir()
    tree, ledger = home.tree(), home.rows("select count(*) from ledger.export_builds")
    second = run(home)
    assert all(result.path is None and result.unchanged == 2 for result in second.values())
    assert (home.tree(), home.rows("select count(*) from ledger.export_builds")) == (tree, ledger)


def test_a_withdrawal_takes_the_person_out_and_touches_nobody_else(home):
    home.build(both(ANNA, BO, CARL))
    run(home)
    home.build(both(ANNA, None, CARL), denied=(BO,), as_of=NEXT_DAY)
    results = run(home, NEXT_DAY)
    assert {(r.added, r.removed, r.unchanged) for r in results.values()} == {(0, 1, 2)}
    assert held_by_replay(home, NEWS, "Email Address") == {ANNA[1], CARL[1]}
    assert home.rows("""
        select distinct operation, reason, authorising_event_id from ledger.export_rows where operation = 'remove'
    """) == [("remove", "permission_ended", "withdrawal")]
    assert home.rows("select count(*) from ledger.sent_identifiers") == [(4,)]


def test_a_changed_address_and_an_unchanged_phone_end_with_the_new_address_and_the_phone(home):
    home.build({JEANS: {1: [ANNA, ANNA_PHONE]}, NEWS: {}})
    run(home)
    home.build({JEANS: {1: [BO, ANNA_PHONE]}, NEWS: {}}, as_of=NEXT_DAY)
    result = run(home, NEXT_DAY)[JEANS]
    assert (result.added, result.removed, dict(result.removal_reasons)) == (1, 1, {"identifier_replaced": 1})
    assert len(held_by_replay(home, JEANS, "email")) == len(held_by_replay(home, JEANS, "phone")) == 1


def test_an_audience_taken_out_of_the_seed_comes_back(home):
    home.build(both(ANNA, BO))
    run(home)
    home.declare(JEANS)
    home.build({JEANS: {1: [ANNA], 2: [BO]}}, as_of=NEXT_DAY)
    result = run(home, NEXT_DAY)[NEWS]
    assert (result.removed, dict(result.removal_reasons)) == (2, {"audience_retired": 2})
    assert held_by_replay(home, NEWS, "Email Address") == set()


def test_an_empty_source_removes_only_who_may_not_stay(home):
    home.build(both(ANNA, BO))
    run(home)
    with open_home(home.settings) as connection:
        connection.execute("delete from marts.order_facts")
    home.build({JEANS: {}, NEWS: {}}, denied=(BO,), as_of=NEXT_DAY)
    result = run(home, NEXT_DAY)[NEWS]
    assert (result.removed, result.held_back) == (1, 1)
    assert held_by_replay(home, NEWS, "Email Address") == {ANNA[1]}


def test_what_the_vault_no_longer_holds_is_removed_by_the_file_that_sent_it(home):
    home.build(both(ANNA, BO))
    run(home)
    with open_home(home.settings, vault=True) as connection:
        connection.execute("delete from vault.identifiers where value = $1", [BO[1]])
    home.build(both(ANNA), denied=(BO,), as_of=NEXT_DAY)
    results = run(home, NEXT_DAY)
    assert {(r.removed, r.unresolved) for r in results.values()} == {(1, 0)}
    assert held_by_replay(home, NEWS, "Email Address") == {ANNA[1]}


def test_what_nobody_can_name_any_more_stays_an_open_obligation(home):
    home.build(both(ANNA, BO))
    for result in run(home).values():
        shutil.rmtree(result.path)
    with open_home(home.settings, vault=True) as connection:
        connection.execute("delete from vault.identifiers where value = $1", [BO[1]])
    home.build(both(ANNA), denied=(BO,), as_of=NEXT_DAY)
    assert {(r.removed, r.unresolved) for r in run(home, NEXT_DAY).values()} == {(0, 1)}
    assert home.rows("select count(*) from ledger.sent_identifiers") == [(4,)]


def test_who_is_still_permitted_is_sent_again_before_the_platform_forgets_and_nobody_twice(home):
    home.build(both(ANNA))
    run(home)
    for days, added in ((532, 0), (533, 1), (534, 0)):  # 540 days less a week
        later = AS_OF + timedelta(days=days)
        home.build(both(ANNA), as_of=later)
        results = run(home, later)
        assert (results[NEWS].added, results[NEWS].removed, results[JEANS].added) == (added, 0, 0), days
    assert held_by_replay(home, NEWS, "Email Address") == {ANNA[1]}
    assert home.rows("select count(*) from ledger.sent_identifiers") == [(2,)]


def test_a_member_whose_permission_ends_before_the_next_run_goes_even_if_the_source_is_empty(home):
    home.build(both(ANNA, BO))
    run(home)
    home.build({JEANS: {}, NEWS: {}}, as_of=NEXT_DAY)
    with open_home(home.settings) as connection:
        connection.execute("delete from marts.order_facts")
        connection.execute(
            "update activation.sent_standings set is_ending = true where identifier_key = $1", [home.key(*BO)]
        )
    result = run(home, NEXT_DAY)[NEWS]
    assert (dict(result.removal_reasons), result.held_back) == ({"expires_before_next_run": 1}, 1)


def test_a_dry_run_writes_nothing(home):
    home.build(both(ANNA, BO))
    planned = run(home, dry_run=True)
    assert planned[JEANS].added == 2 and planned[JEANS].path is None
    assert home.tree() == {} and home.rows("select count(*) from ledger.export_builds") == [(0,)]


def test_audiences_of_another_moment_or_older_consent_are_refused(home):
    home.build(both(ANNA))
    with pytest.raises(gate.StaleGateError, match="not for"):
        run(home, NEXT_DAY)
    with open_home(home.settings) as connection:
        connection.execute("""
            insert into ledger.consent_events by name
            select 1 as seq, 'e' as event_id, 's' as source, 'email' as identifier_kind, 'k' as identifier_key,
                'marketing' as purpose, 'company' as controller, 'withdrawn' as action, false as is_default,
                now()::timestamp as occurred_at, 'exact' as occurred_precision, now()::timestamp as loaded_at,
                'h' as row_hash, 'p' as prev_hash
        """)
    with pytest.raises(gate.StaleGateError, match="came in after"):
        run(home)
    assert home.tree() == {}


def test_a_failing_audience_leaves_the_others_alone(home):
    home.declare(JEANS, NEWS, ("meta", "../outside"))
    home.build(both(ANNA))
    with open_home(home.settings) as connection:
        connection.execute("""
            insert into activation.audience_identifiers by name
            select * replace ('../outside' as segment) from activation.audience_identifiers where recipient = 'meta'
        """)
    with pytest.raises(ExportError, match="outside"):
        run(home)
    assert len(held_by_replay(home, JEANS, "email")) == 1
    assert {path.name for path in home.settings.home.parent.iterdir()} == {"home"}


def test_a_linked_folder_is_refused(home, tmp_path):
    home.build(both(ANNA))
    (tmp_path / "elsewhere").mkdir()
    (home.settings.exports / "meta").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="symbolic link"):
        run(home)
    assert list((tmp_path / "elsewhere").iterdir()) == []


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def interrupt(monkeypatch, at):
    """Die before the at-th step of the protocol; returns the list of steps taken."""
    steps = []

    def watched(module, name):
        original = getattr(module, name)

        def step(*args, **kwargs):
            steps.append(name)
            if len(steps) == at:
                raise Killed
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, step)

    for module, name in (
        (sent, "request"),
        (sent, "_append_event"),
        (sent, "abort"),
        (sent, "acknowledge"),
        (files, "write_build"),
        (os, "fsync"),
        (os, "rename"),
    ):
        watched(module, name)
    return steps


@pytest.mark.parametrize("restart", [AS_OF, NEXT_DAY], ids=["same moment", "next day"])
def test_killed_before_any_step_the_next_run_ends_where_an_undisturbed_one_does(
    template, tmp_path, monkeypatch, restart
):
    """Ledger true, nothing sent twice, no removal lost, whatever instant the kill came at."""
    ready = ExportHome(tmp_path / "ready")
    shutil.copytree(template, ready.settings.home)
    ready.declare(NEWS)
    ready.build({NEWS: {1: [ANNA], 2: [BO]}}, as_of=AS_OF - timedelta(days=1))
    run(ready, AS_OF - timedelta(days=1))
    ready.build({NEWS: {1: [ANNA], 3: [CARL]}}, denied=(BO,))

    def attempt(at):
        shutil.copytree(ready.settings.home, tmp_path / str(at))
        home = ExportHome(tmp_path / str(at))
        with monkeypatch.context() as patch:
            steps = interrupt(patch, at)
            if at:
                with pytest.raises(Killed):
                    run(home)
            else:
                run(home)
        return home, len(steps)

    undisturbed, steps = attempt(0)
    assert steps > 10
    for at in range(1, steps + 1):
        home, _ = attempt(at)
        home.answer_for(restart)
        run(home, restart)
        assert_ledger_is_true(home)
        assert held_by_replay(home, NEWS, "Email Address") == {ANNA[1], CARL[1]}
        assert home.rows("select count(*) from ledger.sent_identifiers") == [(2,)]
        assert home.rows("select count(*) from ledger.unsettled_identifiers") == [(0,)]
        if restart == AS_OF:
            assert home.tree() == undisturbed.tree()
        tree = home.tree()
        run(home, restart)
        assert home.tree() == tree
