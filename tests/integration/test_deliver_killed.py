"""Kill -9 at the steps of a delivery: afterwards the platform has who the ledger says; no removal is lost."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
from datetime import timedelta

import pytest
from contract_server import ContractServer, GooglePlatform, MetaPlatform
from deliver_home import DeliverHome, digest, driver
from export_home import AS_OF

from samtykke.storage.chain import first_broken_link
from samtykke.storage.connect import open_home

BEFORE = AS_OF - timedelta(days=1)
STAY, LEAVE, COME = (("email", f"{word}@example.com") for word in ("stay", "leave", "come"))
SEED = 7


def members(name, *identifiers):
    row = (lambda value: (digest("email", value), "")) if name == "meta" else (lambda value: (digest("email", value),))
    return {row(value) for _, value in identifiers}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    home = DeliverHome(tmp_path_factory.mktemp("killed") / "home").create()
    with open_home(home.settings) as connection:
        connection.execute("""
            insert into reference.recipients
            values ('google', 'advertising.audience', 'google', 'email;phone', null, 100)
        """)
    return home.settings.home


class World:
    """A home and its platform, with STAY and LEAVE delivered and LEAVE's withdrawal and COME's consent known since."""

    def __init__(self, template, folder, name, monkeypatch):
        self.name, self.audience = name, (name, "jeans")
        self.platform = MetaPlatform() if name == "meta" else GooglePlatform()
        self.server = ContractServer(self.platform)
        shutil.copytree(template, folder)
        self.home = DeliverHome(folder)
        self.home.declare(self.audience)
        self.home.reach(monkeypatch, name, self.server.url)
        self.home.build({self.audience: {1: [STAY], 2: [LEAVE]}}, as_of=BEFORE)
        self.home.deliver(BEFORE)
        self.home.deliver(BEFORE)
        self.home.build({self.audience: {1: [STAY], 3: [COME]}}, denied=(LEAVE,))
        self.asked = len(self.platform.requests)

    def deliver(self, die_at=0):
        environment = {**os.environ, "AS_OF": AS_OF.isoformat(), "DIE_AT": str(die_at), "PYTHONPATH": os.getcwd()}
        return subprocess.run(driver(self.home), env=environment, capture_output=True, text=True, check=False)

    def assert_true(self):
        for _ in range(3):  # a job of Google's is asked about by the next delivery
            self.home.deliver(AS_OF)
        assert self.platform.lists["111"] == members(self.name, STAY, COME)
        held = {digest for (digest,) in self.home.rows("select sent_sha256 from ledger.sent_identifiers")}
        assert len(held) == 2 and self.home.rows("select count(*) from ledger.unsettled_identifiers") == [(0,)]
        # one batch, one key: what the platform saw under a key was always the same
        seen: dict[str, str] = {}
        for request in self.platform.requests[self.asked :]:
            if key := request["headers"].get("Idempotency-Key"):
                body = {name: value for name, value in request["body"].items() if name != "session"}
                assert seen.setdefault(key, str(body)) == str(body)
        acknowledged = self.home.rows("""
            select idempotency_key, count(*) from ledger.delivery_batches where event = 'acknowledged' group by all
        """)
        assert all(count == 1 for _, count in acknowledged)
        with open_home(self.home.settings, read_only=True) as connection:
            for table in ("export_builds", "export_rows", "delivery_batches"):
                assert first_broken_link(connection, f"ledger.{table}") is None


def killed_at(step, template, folder, name, monkeypatch):
    world = World(template, folder, name, monkeypatch)
    try:
        ended = world.deliver(step)
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
        world.assert_true()
        return ended
    finally:
        world.server.close()


def steps_of(template, folder, name, monkeypatch):
    ended = killed_at(0, template, folder, name, monkeypatch)
    return int(re.search(r"steps (\d+)", ended.stdout)[1])


@pytest.mark.parametrize("name", ["meta", "google"])
def test_killed_at_some_steps(template, tmp_path, monkeypatch, name):
    steps = steps_of(template, tmp_path / "counted", name, monkeypatch)
    assert steps >= 15
    for step in random.Random(SEED).sample(range(1, steps + 1), 4):
        ended = killed_at(step, template, tmp_path / str(step), name, monkeypatch)
        assert ended.returncode == -signal.SIGKILL, step


@pytest.mark.slow
@pytest.mark.parametrize("name", ["meta", "google"])
def test_killed_at_every_step(template, tmp_path, monkeypatch, name):
    steps = steps_of(template, tmp_path / "counted", name, monkeypatch)
    for step in range(1, steps + 1):
        ended = killed_at(step, template, tmp_path / str(step), name, monkeypatch)
        assert ended.returncode == -signal.SIGKILL, step


@pytest.mark.parametrize("name", ["meta", "google"])
def test_killed_by_the_clock_when_the_platform_has_acted_and_not_yet_answered(template, tmp_path, monkeypatch, name):
    world = World(template, tmp_path / "home", name, monkeypatch)

    def act_and_kill(handler, go_on):
        go_on()
        os.kill(process.pid, signal.SIGKILL)

    world.server.faults = [None] * (name == "google") + [None, act_and_kill]
    environment = {**os.environ, "AS_OF": AS_OF.isoformat(), "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(driver(world.home), env=environment, stdout=subprocess.DEVNULL)
    assert process.wait(60) == -signal.SIGKILL
    world.assert_true()
    world.server.close()
