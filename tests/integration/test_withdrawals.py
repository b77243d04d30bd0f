"""The fast lane against the night: what it takes back, and kill -9 on the way."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from company import Company
from contract_server import ContractServer, MetaPlatform
from invented_people import NIGHT, Invented, Row, merges

from samtykke.activation import obligations
from samtykke.profile import Profiles
from samtykke.publish import publish_marts
from samtykke.storage.connect import open_home
from samtykke.verify import verify_home
from samtykke.withdrawals.lane import take_back_withdrawals
from samtykke.withdrawals.models import consent_models

pytestmark = pytest.mark.slow
PEOPLE, SEED = 160, 5
LATER = NIGHT + timedelta(hours=9)
ENDED = ("permission_ended", "expires_before_next_run")
REMOVED = "select recipient, segment, sent_sha256 from ledger.export_rows where operation = 'remove'"
HELD = "select recipient, segment, sent_sha256, identifier_key from ledger.held_rows order by all"
# purpose, channel, recipient, action; days before the night
SAID = [
    ("any", "any", "", "withdrawn", 0),
    ("advertising.audience", "ads_audience", "meta", "withdrawn", 0),
    ("advertising", "any", "", "objected", 1),
    ("marketing", "any", "", "objected", 2),
    ("any", "", "", "restricted", 0),
    ("analytics.behaviour", "", "", "withdrawn", 0),
    ("any", "any", "", "withdrawn", 400),  # older than every grant: history, not today
    ("advertising.audience", "ads_audience", "google", "granted", 0),  # a yes waits for the night
    ("advertising.audience", "ads_audience", "meta", "granted", 0),
]


def later(invented: Invented) -> dict[str, list[Row]]:
    """What comes in during the day, about a third of the people."""
    chance = random.Random(SEED)
    rows: dict[str, list[Row]] = {"consent_events": [], "suppressions": [], "email_events": []}
    for person in chance.sample(invented.people, PEOPLE // 3):
        kind, value = chance.choice([("phone", person.phone), ("email", person.email or "")])
        if not value:
            continue
        purpose, channel, recipient, action, days = chance.choice(SAID)
        when = (NIGHT - timedelta(days=days) + timedelta(hours=4)).isoformat() + "Z"
        rows["consent_events"].append({
            "source": "preference_centre", "source_event_id": f"later-{person.number}", "identifier_kind": kind,
            "identifier": value, "purpose": purpose, "channel": channel, "recipient": recipient, "action": action,
            "actor": "subject", "notice_id": "welcome", "notice_version": 2, "notice_locale": "da", "occurred_at": when,
        })  # fmt: skip
    for person in chance.sample([one for one in invented.people if one.email], 12):
        said = chance.choice(["unsubscribe", "complaint", "bounce_hard"])
        rows["email_events"].append({"event_id": f"l{person.number}", "email": person.email, "event_type": said,
                                     "occurred_at": (NIGHT + timedelta(hours=3)).isoformat() + "Z"})  # fmt: skip
    for person in chance.sample([one for one in invented.people if one.email], 6):
        rows["suppressions"].append({"list_id": "do_not_advertise", "identifier_kind": "email", "channel": "",
                                     "identifier": person.email, "snapshot_at": NIGHT.isoformat() + "Z"})  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def first_night(tmp_path_factory) -> Company:
    folder = tmp_path_factory.mktemp("withdrawals")
    made = Company(folder / "home", folder / "target")
    invented = Invented(SEED, PEOPLE)
    invented.deliver(made, {person.number for person in invented.people})
    made.deliver("contacts", "merged", merges(invented, SEED))
    made.night(NIGHT)
    made.build("person_identifiers int_identity__person_aliases", NIGHT)
    publish_marts(made.settings, as_of=NIGHT)
    consent_models(made.settings)
    for entity, rows in later(invented).items():
        made.deliver(entity, "later", rows)
    return made


def copied(company: Company, folder: Path) -> Company:
    shutil.copytree(company.settings.home, folder / "home", symlinks=True)
    return Company(folder / "home", folder / "target")


def test_the_fast_lane_takes_back_what_the_night_would_and_leaves_it_nothing_to_do(first_night, tmp_path):
    """Invariant 2 for whom something new is said: the same rows as a whole run at that moment, of the same causes."""
    nightly, lane = copied(first_night, tmp_path / "nightly"), copied(first_night, tmp_path / "lane")
    nightly.night(LATER)
    wanted = set(nightly.query(f"{REMOVED} and list_contains({list(ENDED)}, reason)"))
    assert {recipient for recipient, _, _ in wanted} >= {"meta", "google", "mailchimp"} and len(wanted) > 30

    outcome = take_back_withdrawals(lane.settings, as_of=LATER)
    assert outcome.exit_code == 0
    assert set(lane.query(f"{REMOVED} and reason <> 'account_removed'")) == wanted
    owed = (
        "select identifier_key, recipient, segment, cause, deciding_event_id, caused_at from ledger.obligation_states"
    )
    removals = f"{owed} where duty = 'remove' and met_at is not null order by all"
    assert lane.query(removals) == nightly.query(removals)
    with open_home(lane.settings, read_only=True) as connection:
        assert not [one for one in obligations.unmet(connection, at=LATER) if one.duty == "remove"]

    results = lane.night(LATER)
    assert not {reason for result in results.values() for reason in result.removal_reasons} & set(ENDED)
    assert lane.query(HELD) == nightly.query(HELD)
    assert all(finding.ok for finding in verify_home(lane.settings))


def test_what_the_fast_lane_leaves_of_a_profile_is_what_the_night_leaves_or_less(first_night, tmp_path):
    """Whoever looks somebody up meanwhile sees no group that the night masks, and finds nobody that it hides."""
    nightly, lane = copied(first_night, tmp_path / "nightly"), copied(first_night, tmp_path / "lane")
    assert take_back_withdrawals(lane.settings, as_of=LATER).withheld
    nightly.night(LATER)
    nightly.build("person_identifiers int_identity__person_aliases", LATER)
    publish_marts(nightly.settings, as_of=LATER)
    everybody = [person for (person,) in lane.query("select person_id::varchar from marts.customer_profile order by 1")]
    keys = [key for (key,) in lane.query("select distinct identifier_key from marts.person_identifiers order by 1")]
    closed, opened, beyond = set(), set(), set()
    with (
        Profiles(first_night.settings) as before,
        Profiles(lane.settings) as now,
        Profiles(nightly.settings) as tonight,
    ):
        for person in everybody:
            (was,), (is_now,), then = before.by_key(person), now.by_key(person), tonight.by_key(person)
            closed |= {(person, group) for group in is_now.masked.keys() - was.masked.keys()}
            for will_be in then:
                opened |= {(person, group) for group in will_be.masked.keys() - is_now.masked.keys()}
                beyond |= {
                    (person, group) for group in is_now.masked.keys() - will_be.masked.keys() - was.masked.keys()
                }
                assert set(is_now.values["permitted_uses"]) <= set(will_be.values["permitted_uses"])
                assert set(is_now.values["permitted_recipients"]) <= set(will_be.values["permitted_recipients"])
        assert closed and not opened and beyond < closed and len(beyond) < len(closed) / 2
        found = {(key, profile.person_id) for key in keys for profile in now.by_key(key)}
        hidden = {(key, profile.person_id) for key in keys for profile in before.by_key(key)} - found
        assert hidden and not found - {(key, one.person_id) for key in keys for one in tonight.by_key(key)}


class World:
    """A company whose list at Meta is kept by a platform on this machine."""

    def __init__(self, template: Company, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.company = copied(template, folder)
        self.platform = MetaPlatform()
        self.server = ContractServer(self.platform)
        self.file = folder / "deliveries.yml"
        segments = [place.name for place in (self.company.settings.exports / "meta").iterdir()]
        for segment in segments:
            (add,) = (self.company.settings.exports / "meta" / segment).glob("*/add.csv")
            with add.open(newline="") as source:
                _, *lines = csv.reader(source)
            self.platform.lists[segment] = {tuple(line[:2]) for line in lines}
        self.before = {segment: set(rows) for segment, rows in self.platform.lists.items()}
        self.file.write_text(yaml.safe_dump({"meta": {
            "transport": "api", "base_url": self.server.url, "options": {"account": "77"}, "attempts": 2,
            "audiences": {segment: segment for segment in segments}, "timeout_seconds": 2,
            "first_wait_seconds": 0.01, "requests_per_minute": 60_000,
        }}))  # fmt: skip
        monkeypatch.setenv("SAMTYKKE_SECRET_META_ACCESS_TOKEN", "a token of the tests")

    def run(self, die_at: int = 0) -> subprocess.CompletedProcess:
        script = Path(__file__).with_name("deliver_process.py")
        given = json.dumps({"home": str(self.company.settings.home), "deliveries": str(self.file)})
        environment = os.environ | {"AS_OF": LATER.isoformat(), "DIE_AT": str(die_at), "PYTHONPATH": os.getcwd()}
        return subprocess.run(
            [sys.executable, str(script), given],
            env=environment | {"WITHDRAW": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def assert_true(self, wanted: set[tuple[str, ...]]) -> None:
        """Everybody who had to leave has left, by files and at the platform; nobody came; every chain holds."""
        arrived = "select recipient, segment, sent_sha256 from ledger.export_row_states where row_state = 'arrived'"
        removed = self.company.query(f"{arrived} and operation = 'remove'")
        assert set(removed) == wanted
        by_files = [row for row in self.company.query(f"{arrived} and operation = 'remove' and recipient <> 'meta'")]
        keys = "select count(*), count(distinct (recipient, segment, sent_sha256, identifier_key)) from"
        rows = "(from ledger.export_row_states where row_state = 'arrived' and operation = 'remove')"
        assert by_files and len({*self.company.query(f"{keys} {rows}")[0]}) == 1  # none twice
        assert all(self.platform.lists[segment] <= rows for segment, rows in self.before.items())
        held = dict(self.company.query("""
            select segment, count(distinct sent_sha256) from ledger.held_rows where recipient = 'meta' group by all
        """))  # fmt: skip
        assert {segment: len(rows) for segment, rows in self.platform.lists.items() if rows} == held
        assert all(finding.ok for finding in verify_home(self.company.settings))


@pytest.fixture(scope="module")
def whole(first_night, tmp_path_factory) -> tuple[set[tuple[str, ...]], int]:
    """What a run that nobody killed takes back, and how many steps it has."""
    with pytest.MonkeyPatch.context() as patch:
        world = World(first_night, tmp_path_factory.mktemp("whole"), patch)
        ended = world.run()
        world.server.close()
    assert ended.returncode == 0, ended.stderr
    wanted = set(world.company.query(REMOVED))
    assert {recipient for recipient, _, _ in wanted} >= {"meta", "google", "mailchimp"}
    world.assert_true(wanted)
    return wanted, int(re.search(r"steps (\d+)", ended.stdout)[1])


@pytest.mark.parametrize("place", [*range(8), 0.2, 0.3, 0.4, 0.55, 0.7, 0.9])
def test_killed_on_the_way_nothing_is_lost_and_nothing_is_made_twice(first_night, whole, tmp_path, monkeypatch, place):
    """At each of the first steps (the load, the ledger, the decision), then somewhere among the removals."""
    wanted, steps = whole
    step = place + 1 if isinstance(place, int) else int(steps * place)
    world = World(first_night, tmp_path, monkeypatch)
    assert world.run(step).returncode == -signal.SIGKILL
    again = world.run()
    world.server.close()
    assert again.returncode == 0, again.stderr
    world.assert_true(wanted)


def test_a_platform_that_is_away_delays_no_file_and_stays_owed(first_night, tmp_path, monkeypatch):
    world = World(first_night, tmp_path / "away", monkeypatch)
    world.server.close()
    settings = world.company.settings.model_copy(update={"deliveries": world.file})
    outcome = take_back_withdrawals(settings, as_of=LATER, send=True)
    assert outcome.exit_code == 1 and all(problem.startswith("meta/") for problem in outcome.problems)
    assert {recipient for recipient, _, _ in world.company.query(REMOVED)} >= {"google", "mailchimp"}
    with open_home(settings, read_only=True) as connection:
        assert {one.recipient for one in obligations.unmet(connection, at=LATER)} == {"meta"}


def test_outside_production_an_interface_is_planned_and_files_are_written(first_night, tmp_path, monkeypatch):
    world = World(first_night, tmp_path / "development", monkeypatch)
    settings = world.company.settings.model_copy(update={"deliveries": world.file})
    outcome = take_back_withdrawals(settings, as_of=LATER)
    planned = {result.recipient for result in outcome.audiences if result.is_planned_only}
    assert planned == {"meta"} and not world.platform.requests
    assert {recipient for recipient, _, _ in world.company.query(REMOVED)} == {"google", "mailchimp"}
    world.server.close()


def test_of_a_list_that_is_exchanged_as_a_whole_single_people_are_taken_back(first_night, whole, tmp_path, monkeypatch):
    world = World(first_night, tmp_path, monkeypatch)
    world.file.write_text(world.file.read_text().replace("transport: api", "transport: api\n  mode: replace"))
    settings = world.company.settings.model_copy(update={"deliveries": world.file})
    assert take_back_withdrawals(settings, as_of=LATER, send=True).exit_code == 0
    world.server.close()
    assert not [one for one in world.platform.requests if "usersreplace" in one["path"]]
    world.assert_true(whole[0])
