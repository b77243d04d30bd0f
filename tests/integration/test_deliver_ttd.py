"""The Trade Desk: hashes become EUIDs, opt-outs become withdrawals, and every id that was sent comes back."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from contract_euid import TradeDeskPlatform
from contract_server import ContractServer, status
from deliver_home import DeliverHome
from export_home import AS_OF

from samtykke.activation.export import ExportError
from samtykke.activation.gate import StaleGateError
from samtykke.hashing import for_platform
from samtykke.sources.registry import forget_orphans
from samtykke.storage.chain import first_broken_link
from samtykke.storage.connect import open_home

AUDIENCE = ("ttd", "jeans")
NEXT_DAY = AS_OF + timedelta(days=1)
ANNA, BO, CARL = "anna@example.com", "bo@example.org", "carl@example.net"
PHONE = "+4520123456"


def cell(value, kind="email"):
    return for_platform("ttd", kind, value).value


class World:
    def __init__(self, folder, monkeypatch):
        self.platform = TradeDeskPlatform()
        self.server = ContractServer(self.platform)
        self.home = DeliverHome(folder).create()
        self.home.declare(AUDIENCE)
        with open_home(self.home.settings) as connection:
            connection.execute("alter table reference.recipients add column channel varchar default 'ads_audience'")
            connection.execute("alter table reference.recipients add column permission_recipient varchar")
            connection.execute(
                "insert into reference.recipients values "
                "('ttd', 'advertising.audience', 'ttd', 'email;phone', 180, 1500, 'ads_audience', 'ttd')"
            )
        self.home.reach(monkeypatch, "ttd", self.server.url, euid_url=self.server.url)
        monkeypatch.setenv("SAMTYKKE_SECRET_TTD_EUID_CLIENT_SECRET", base64.b64encode(bytes(range(32))).decode())

    def build(self, people, denied=(), as_of=AS_OF):
        self.home.build({AUDIENCE: people}, denied=denied, as_of=as_of)
        with open_home(self.home.settings) as connection:
            connection.execute(
                "update activation.export_gate set consent_events = "
                "(select coalesce(max(seq), 0) from ledger.consent_events)"
            )

    def deliver(self, as_of=AS_OF):
        return self.home.deliver(as_of)[AUDIENCE]

    def held(self):
        return self.home.rows("select count(*) from ledger.sent_identifiers")[0][0]


@pytest.fixture
def world(tmp_path, monkeypatch):
    started = World(tmp_path / "home", monkeypatch)
    yield started
    started.server.close()


def test_hashes_become_ids_that_are_asked_for_once(world):
    world.build({1: [("email", ANNA), ("phone", PHONE)], 2: [("email", BO)]})
    assert world.deliver().tally.rejected == {}
    sent = {world.platform.euid(one) for one in (cell(ANNA), cell(BO), cell(PHONE, "phone"))}
    assert world.platform.lists["111"] == sent
    assert set(world.platform.ttl.values()) == {30 * 1_440}
    asked = len(world.platform.asked)
    # Bo leaves the segment: his time to live ends, and nobody is asked for again
    world.build({1: [("email", ANNA), ("phone", PHONE)]}, as_of=NEXT_DAY)
    world.deliver(NEXT_DAY)
    assert world.platform.lists["111"] == sent - {world.platform.euid(cell(BO))}
    assert world.platform.deleted == set() and len(world.platform.asked) == asked
    assert not any(one in world.home.logs() for one in (ANNA, cell(ANNA), world.platform.euid(cell(ANNA))))


def test_an_opt_out_is_not_sent_and_becomes_a_withdrawal(world):
    world.platform.opted_out = {cell(BO)}
    world.platform.invalid = {cell(CARL)}
    world.build({1: [("email", ANNA)], 2: [("email", BO), ("phone", PHONE)], 3: [("email", CARL)]})
    assert world.deliver().tally.rejected == {"optout": 1, "invalid_identifier": 1}
    # Bo's number is known to EUID, but he said no by his address
    assert world.platform.lists["111"] == {world.platform.euid(cell(ANNA))} and world.held() == 1
    written = world.home.rows(
        "select identifier_key, purpose, channel, recipient, action, actor, source, occurred_at "
        "from ledger.consent_events"
    )
    assert written == [
        (
            world.home.key("email", BO), "advertising.audience", "ads_audience", "ttd", "withdrawn", "subject", "ttd",
            AS_OF,
        )
    ]  # fmt: skip
    # the audiences answer for older consent now: nothing leaves before they are built again
    with pytest.raises(StaleGateError):
        world.deliver()
    with open_home(world.home.settings) as connection:
        assert first_broken_link(connection, "ledger.consent_events") is None
    # told again by the same build, it is not written twice
    world.build({1: [("email", ANNA)], 2: [("email", BO)]})
    world.deliver()
    assert world.home.rows("select count(*) from ledger.consent_events") == [(1,)]


def test_who_withdraws_is_deleted_by_every_id_that_was_sent(world):
    world.build({1: [("email", ANNA)], 2: [("email", BO)]})
    world.deliver()
    first = world.platform.euid(cell(BO))
    # a year later Bo has another id, two turns on: the map alone would not tell the first one
    world.platform.year = 3
    with open_home(world.home.settings, vault=True) as connection:
        connection.execute("update vault.platform_ids set valid_until = now()::timestamp - interval 1 hour")
    world.build({1: [("email", ANNA)]}, denied=[("email", BO)], as_of=NEXT_DAY)
    world.deliver(NEXT_DAY)
    assert world.platform.deleted == {first, world.platform.euid(cell(BO)), world.platform.euid(cell(BO), 2)}
    assert world.platform.lists["111"] == {world.platform.euid(cell(ANNA), 1)} and world.held() == 1


def test_lines_that_are_not_taken_are_counted_and_nobody_is_taken_for_gone(world):
    world.platform.failed_lines = [{"ErrorCode": "Uid2Error", "ItemNumber": 1, "Message": cell(ANNA)}]
    world.build({1: [("email", ANNA)], 2: [("email", BO)]})
    assert world.deliver().tally.rejected == {"not_named": 1}
    assert world.held() == 2


def test_an_answer_sealed_with_another_secret_is_no_answer(world):
    world.platform.answers_with = base64.b64encode(bytes(32)).decode()
    world.build({1: [("email", ANNA)]})
    with pytest.raises(ExportError, match="no answer after"):
        world.deliver()
    assert world.platform.lists["111"] == set()
    world.platform.answers_with = base64.b64encode(bytes(range(32))).decode()
    world.deliver()
    assert len(world.platform.lists["111"]) == 1


def test_a_busy_identity_map_is_asked_again(world):
    world.server.faults = [status(429, Retry_After="0"), status(503)]
    world.build({1: [("email", ANNA)]})
    world.deliver()
    assert len(world.platform.lists["111"]) == 1


def test_who_stays_is_sent_again_before_the_platform_forgets(world):
    world.build({1: [("email", ANNA)]})
    world.deliver()
    with open_home(world.home.settings) as connection:
        connection.execute("update reference.recipients set ttl_days = null where recipient = 'ttd'")
    soon, later = (AS_OF + timedelta(days=days) for days in (14, 24))
    world.build({1: [("email", ANNA)]}, as_of=soon)
    assert world.deliver(soon).refreshed == 0
    world.build({1: [("email", ANNA)]}, as_of=later)
    assert world.deliver(later).refreshed == 1  # 30 days less the lead of 7, though no seed says 30


def test_an_extra_that_is_not_installed_is_named(world, monkeypatch):
    monkeypatch.setattr("samtykke.activation.targets.find_spec", lambda module: None)
    world.build({1: [("email", ANNA)]})
    with pytest.raises(ExportError, match=r"samtykke\[ttd\]"):
        world.deliver()


def test_what_forgets_an_identifier_forgets_its_ids_too(world):
    world.build({1: [("email", ANNA)], 2: [("email", BO)]})
    world.deliver()
    with open_home(world.home.settings, vault=True) as connection:
        connection.execute("create temp table leaving as select $1 as identifier_key", [world.home.key("email", BO)])
        forget_orphans(connection)
        left = connection.execute("select distinct identifier_key from vault.platform_ids").fetchall()
    # his row in the ledger of exports still refers to him: nothing may be forgotten while it must come back
    assert len(left) == 2
    with open_home(world.home.settings, vault=True) as connection:
        connection.execute("delete from ledger.export_rows")
        connection.execute("create temp table leaving as select $1 as identifier_key", [world.home.key("email", BO)])
        forget_orphans(connection)
        left = connection.execute("select distinct identifier_key from vault.platform_ids").fetchall()
    assert left == [(world.home.key("email", ANNA),)]
