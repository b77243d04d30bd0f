"""``samtykke plan`` and ``deliver`` as people and scripts see them: the difference, its reasons, the exit code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import contract_server as contract
import pytest
from contract_server import ContractServer, MetaPlatform
from deliver_home import DeliverHome, digest
from export_home import AS_OF
from typer.testing import CliRunner

from samtykke.cli import app
from samtykke.storage.connect import open_home

NEXT_DAY = AS_OF + timedelta(days=1)
JEANS, READERS, MAIL = ("meta", "jeans"), ("meta", "readers"), ("mailchimp", "jeans")
CROWD = {number: [("email", f"p{number}@example.com")] for number in range(1, 41)}


class Company:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = DeliverHome(folder)
        self.meta = ContractServer(MetaPlatform())
        self.home.reach(monkeypatch, "meta", self.meta.url)
        monkeypatch.setenv("SAMTYKKE_PEPPER", "a pepper of the tests")
        monkeypatch.setenv("SAMTYKKE_DELIVERIES", str(self.home.settings.deliveries_file))

    def call(self, *arguments: str) -> tuple[int, str, str]:
        ended = CliRunner().invoke(app, [*arguments, "--home", str(self.home.settings.home)])
        return ended.exit_code, ended.stdout, ended.stderr

    def read(self, *arguments: str) -> tuple[int, dict]:
        code, out, _ = self.call(*arguments, "--json")
        return code, {(one["recipient"], one["segment"]): one for one in json.loads(out)["audiences"]}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = DeliverHome(tmp_path_factory.mktemp("command") / "home").create()
    home.declare(JEANS, READERS, MAIL)
    with open_home(home.settings) as connection:
        connection.execute("""
            create table activation.audience_step_counts (
                recipient varchar, segment varchar, reason varchar, dropped bigint
            );
            insert into activation.audience_step_counts values
                ('meta', 'jeans', 'not_in_segment', 900), ('meta', 'jeans', 'held_out', 7), ('meta', 'jeans', null, 0)
        """)
    return home.settings.home


@pytest.fixture
def company(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    shutil.copytree(template, tmp_path / "home")
    started = Company(tmp_path / "home", monkeypatch)
    yield started
    started.meta.close()


def test_a_plan_shows_the_difference_with_its_reasons_and_changes_nothing(company: Company) -> None:
    company.home.build({JEANS: CROWD, READERS: {1: CROWD[1]}, MAIL: {1: CROWD[1]}})
    assert company.call("deliver", "--send")[0] == 0
    asked, before = len(company.meta.platform.requests), company.home.tree()
    left = {number: CROWD[number] for number in range(3, 41)}
    left[99] = [("email", "new@example.com")]
    company.home.build(
        {JEANS: left, READERS: {1: CROWD[1]}, MAIL: {1: CROWD[1]}}, denied=(CROWD[1][0],), as_of=NEXT_DAY
    )
    code, out, _ = company.call("plan")
    assert code == 0
    row = next(line.split() for line in out.splitlines() if line.split()[:1] == ["jeans"])
    assert row == ["jeans", "-2", "+1", ".", "=38", ".", ".", "40", "39"]
    for words in (
        "-1 permission ended", "-1 left segment", "in the segment, not sent: 7 held out", "2 requests",
        "learning phase", "unchanged: readers (1)", "unchanged: jeans (1)", "below the platform's floor of 100",
    ):  # fmt: skip
        assert words in out, words
    assert out.index("remove") < out.index("add")
    assert "p1@example.com" not in out and digest("email", "p1@example.com") not in out
    assert (len(company.meta.platform.requests), company.home.tree()) == (asked, before)


def test_only_and_limit_narrow_a_delivery_and_removals_are_never_limited(company: Company) -> None:
    company.home.build({JEANS: CROWD, READERS: CROWD, MAIL: CROWD})
    code, sent = company.read("deliver", "--only", "meta/jeans", "--only", "mailchimp", "--limit", "5", "--send")
    assert code == 0 and set(sent) == {JEANS, MAIL}
    assert {(one["add"], one["waiting"]) for one in sent.values()} == {(5, 35)}
    assert len(company.meta.platform.lists["111"]) == 5 and company.meta.platform.lists["222"] == set()
    company.home.build({JEANS: {}, READERS: CROWD, MAIL: CROWD}, as_of=NEXT_DAY)
    code, gone = company.read("deliver", "--only", "meta/jeans", "--limit", "0", "--send")
    assert code == 0 and gone[JEANS]["remove"] == 5
    code, _, error = company.call("plan", "--only", "meta/trousers")
    assert code == 2 and "meta/trousers" in error


def test_a_plan_that_a_guard_would_stop_ends_with_code_1(company: Company) -> None:
    company.home.build({JEANS: CROWD})
    company.call("deliver", "--send")
    company.home.build({JEANS: {1: CROWD[1]}}, denied=(CROWD[40][0],), as_of=NEXT_DAY)
    code, out, _ = company.call("plan", "--only", "meta")
    assert code == 1 and "!38 stay" in out and "--allow-mass-removal" in out
    assert company.call("plan", "--only", "meta", "--allow-mass-removal")[0] == 0
    code, held = company.read("deliver", "--only", "meta/jeans", "--send")
    assert (code, held[JEANS]["remove"], held[JEANS]["blocked"]) == (1, 1, {"mass_removal": 38})


def test_one_recipient_that_fails_ends_with_code_1_and_the_others_are_delivered(company: Company) -> None:
    company.home.build({JEANS: CROWD, MAIL: CROWD})
    company.meta.always = contract.cut_before
    code, _, error = company.call("deliver", "--send")
    assert code == 1 and "meta/jeans" in error and "no answer" in error
    assert company.home.rows("select count(*) from ledger.sent_identifiers where recipient = 'mailchimp'") == [(40,)]
    company.meta.always = None
    assert company.call("deliver", "--send")[0] == 0
    assert len(company.meta.platform.lists["111"]) == 40
