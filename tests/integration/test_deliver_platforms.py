"""Every platform with an interface: people come, one is not taken, one withdraws; what each does differently."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta

import contract_platforms as platforms
import pytest
from contract_server import ContractServer
from deliver_home import DeliverHome
from export_home import AS_OF

from samtykke.activation.export import ExportError
from samtykke.hashing import for_platform
from samtykke.storage.connect import open_home

NEXT_DAY = AS_OF + timedelta(days=1)
ANNA, BO, CARL = "anna@example.com", "bo@example.org", "carl@example.net"
PHONE = "+4520123456"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def plain(text):
    return text


# platform -> what a member is known by there, the platform refusing CARL, the list's name, rows that it refuses
WORLDS = {
    "linkedin": (sha256, lambda: platforms.LinkedInPlatform([sha256(CARL)]), "111", {"status_400": 1}),
    "tiktok": (sha256, platforms.TikTokPlatform, "111", {}),
    "snapchat": (sha256, platforms.SnapchatPlatform, "111", {}),
    "pinterest": (sha256, platforms.PinterestPlatform, "111", {}),
    "x": (sha256, platforms.XPlatform, "111", {}),
    "microsoft": (sha256, lambda: platforms.MicrosoftPlatform([sha256(CARL)], 1), "111", {"InvalidItem": 1}),
    "braze": (plain, lambda: platforms.BrazePlatform([CARL]), "segment_111", {"not_processed": 1}),
    "hubspot": (plain, lambda: platforms.HubSpotPlatform({ANNA: "1", BO: "2"}), "111", {"not_found": 1}),
    "klaviyo": (plain, platforms.KlaviyoPlatform, "111", {}),
    "webhook": (sha256, lambda: platforms.WebhookPlatform([sha256(CARL)]), "all", {"unknown": 1}),
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    home = DeliverHome(tmp_path_factory.mktemp("platforms") / "home").create()
    with open_home(home.settings) as connection:
        for name in WORLDS:
            connection.execute(
                "insert into reference.recipients values ($1, 'advertising.audience', $1, 'email', null, 1)", [name]
            )
    return home.settings.home


class World:
    def __init__(self, template, folder, name, monkeypatch, platform=None):
        shutil.copytree(template, folder)
        self.home = DeliverHome(folder)
        self.audience = (name, "jeans")
        self.platform = platform or WORLDS[name][1]()
        self.server = ContractServer(self.platform)
        self.home.declare(self.audience)
        self.home.reach(monkeypatch, name, self.server.url, customer="5", suppress_withdrawn=True)

    def build(self, *addresses, denied=(), as_of=AS_OF):
        numbers = {ANNA: 1, BO: 2, CARL: 3}
        people = {numbers.get(one, 4): [("email", one)] for one in addresses}
        self.home.build({self.audience: people}, denied=[("email", one) for one in denied], as_of=as_of)

    def deliver(self, as_of=AS_OF):
        return self.home.deliver(as_of)[self.audience]

    def held(self):
        return self.home.rows("select count(*) from ledger.sent_identifiers")[0][0]


@pytest.fixture
def world(template, tmp_path, monkeypatch):
    opened = []

    def start(name, platform=None):
        opened.append(World(template, tmp_path / name, name, monkeypatch, platform))
        return opened[-1]

    yield start
    for one in opened:
        one.server.close()


def test_what_arrived_of_a_removal_is_met_and_what_was_rejected_stays_owed(world):
    here = world("webhook", platforms.WebhookPlatform())
    here.build(ANNA, BO, CARL)
    here.deliver()
    here.build(ANNA, denied=(BO, CARL), as_of=NEXT_DAY)
    with open_home(here.home.settings) as connection:
        connection.execute("""
            create or replace table activation.obligations_due as
            select 'remove' as duty, recipient, segment, person_id, identifier_key, identifier_kind,
                'advertising.audience' as purpose, 'withdrawn' as cause, null::varchar as deciding_event_id,
                as_of as caused_at, as_of as known_at, seq as export_seq, 24 as due_hours
            from ledger.sent_identifiers
        """)
        connection.execute(
            "delete from activation.obligations_due where identifier_key = $1", [here.home.key("email", ANNA)]
        )
    here.platform.refused = {sha256(BO)}
    here.deliver(NEXT_DAY)
    owed = "select identifier_key from ledger.obligation_states where met_at is null"
    assert here.home.rows(owed) == [(here.home.key("email", BO),)]
    here.platform.refused = set()
    here.deliver(NEXT_DAY)
    assert here.home.rows(owed) == [] and here.platform.lists["all"] == {sha256(ANNA)}


@pytest.mark.parametrize("index", [-1, 7])
def test_a_row_that_nobody_sent_is_named_as_not_taken_and_nobody_counts_as_gone(world, index):
    here = world("webhook", platforms.WebhookPlatform())
    here.build(ANNA, BO)
    here.deliver()
    here.server.always = lambda handler, go_on: handler.reply(200, {"rejected": [{"index": index}]})
    here.build(ANNA, denied=(BO,), as_of=NEXT_DAY)
    with pytest.raises(ExportError, match="rejected_unnamed"):
        here.deliver(NEXT_DAY)
    assert here.held() == 2
    here.server.always = None
    here.deliver(NEXT_DAY)
    assert here.held() == 1 and here.platform.lists["all"] == {sha256(ANNA)}


@pytest.mark.parametrize("code", [ANNA, f"bad: {ANNA}", PHONE, "4520123456", sha256(ANNA), "Anna Berg"])
def test_a_code_that_repeats_what_was_sent_is_not_written_down(world, code):
    here = world("webhook", platforms.WebhookPlatform())
    here.server.always = lambda handler, go_on: handler.reply(200, {"rejected": [{"index": 0, "code": code}]})
    here.build(ANNA)
    assert here.deliver().tally.rejected == {"no_code": 1}
    assert here.home.rows("select code from ledger.delivery_rejections") == [("no_code",)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("webhook:", "webhok:"), "names webhok, who is no recipient"),
        (lambda text: f"{text}\nwebhook: {{transport: file}}\n", "webhook stands there twice"),
        (lambda text: "webhook: []", "webhook: Input should be a valid dictionary"),
    ],
)
def test_a_slip_in_deliveries_yml_turns_no_removal_into_a_file(world, change, said):
    here = world("webhook", platforms.WebhookPlatform())
    here.build(ANNA, BO)
    here.deliver()
    file = here.home.settings.deliveries_file
    was = file.read_text()
    file.write_text(change(was))
    here.build(ANNA, denied=(BO,), as_of=NEXT_DAY)
    with pytest.raises(ExportError, match=said):
        here.deliver(NEXT_DAY)
    assert here.held() == 2
    file.write_text(was)
    here.deliver(NEXT_DAY)
    assert here.held() == 1 and here.platform.lists["all"] == {sha256(ANNA)}


def test_clear_and_hashed_values_together_let_nobody_in_and_whoever_withdrew_out(world):
    here = world("webhook", platforms.WebhookPlatform())
    here.build(ANNA, BO)
    here.deliver()
    here.build(ANNA, CARL, sha256("somebody@example.com"), denied=(BO,), as_of=NEXT_DAY)
    with pytest.raises(ExportError, match="1 values were hashed before they came here"):
        here.deliver(NEXT_DAY)
    assert here.platform.lists["all"] == {sha256(ANNA)}


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_people_come_one_is_not_taken_one_withdraws(world, name):
    known_by, _, listed, rejected = WORLDS[name]
    here = world(name)
    here.build(ANNA, BO, CARL)
    first = here.deliver()
    here.deliver()  # asks where the platform answered later
    taken = (ANNA, BO) if rejected else (ANNA, BO, CARL)
    assert here.platform.lists[listed] == {known_by(one) for one in taken}
    assert first.tally.rejected == rejected and here.held() == len(taken)
    here.build(ANNA, denied=(BO, CARL), as_of=NEXT_DAY)
    here.deliver(NEXT_DAY)
    assert here.platform.lists[listed] == {known_by(ANNA)}
    assert here.held() == 1
    # nothing of it is said anywhere but to the platform
    assert not any(known_by(one) in here.home.logs() for one in (ANNA, BO, CARL))


def test_tiktok_refuses_with_an_answer_of_200_and_the_removal_stays_due(world):
    here = world("tiktok")
    here.build(ANNA, BO)
    here.deliver()
    here.platform.floor = 2
    here.build(ANNA, denied=(BO,), as_of=NEXT_DAY)
    with pytest.raises(ExportError, match="40002"):
        here.deliver(NEXT_DAY)
    assert here.held() == 2
    here.platform.floor = 0
    here.deliver(NEXT_DAY)
    assert here.held() == 1


def test_x_takes_all_or_nothing(world):
    here = world("x")
    here.platform.is_short = True
    here.build(ANNA, BO)
    with pytest.raises(ExportError, match="count_mismatch"):
        here.deliver()
    assert here.held() == 0


def test_klaviyo_suppresses_who_withdrew_and_subscribes_nobody(world):
    here = world("klaviyo")
    here.platform.suppressed.add(ANNA)
    here.build(ANNA, BO)
    here.deliver()
    here.build(ANNA, denied=(BO,), as_of=NEXT_DAY)
    here.deliver(NEXT_DAY)
    assert here.platform.suppressed == {ANNA, BO}


def test_snapchat_keeps_numbers_in_a_list_of_their_own(world):
    here = world("snapchat")
    with open_home(here.home.settings) as connection:
        connection.execute(
            "update reference.recipients set identifier_kinds = 'email;phone' where recipient = 'snapchat'"
        )
    here.home.build({here.audience: {1: [("email", ANNA)], 2: [("phone", PHONE)]}})
    assert here.deliver().tally.rejected == {"no_list_for_phone": 1}
    text = here.home.settings.deliveries_file.read_text()
    here.home.settings.deliveries_file.write_text(text.replace("jeans: '111'", "jeans: '111'\n    jeans.phone: '333'"))
    here.deliver()
    assert here.platform.lists["333"] == {for_platform("snapchat", "phone", PHONE).value}


def test_x_is_given_no_second_addition_within_hours_but_every_removal(world):
    here = world("x")
    here.build(ANNA, BO)
    here.deliver()
    here.build(ANNA, CARL, denied=(BO,), as_of=NEXT_DAY)
    assert here.deliver(NEXT_DAY).tally.postponed == 1
    assert here.platform.lists["111"] == {sha256(ANNA)}
    with open_home(here.home.settings) as connection:
        connection.execute("update ledger.delivery_batches set recorded_at = recorded_at - interval 7 hour")
    here.deliver(NEXT_DAY)
    assert here.platform.lists["111"] == {sha256(ANNA), sha256(CARL)}


def test_hubspot_changes_no_list_that_it_fills_itself(world):
    here = world("hubspot")
    here.platform.processing = "DYNAMIC"
    here.build(ANNA)
    with pytest.raises(ExportError, match="name a static one"):
        here.deliver()
    assert here.held() == 0


def test_tiktok_takes_the_tag_off_where_its_older_page_is_followed(world):
    here = world("tiktok")
    with open_home(here.home.settings) as connection:
        connection.execute("update reference.recipients set export_format = 'tiktok_untagged'")
    here.build("anna+news@example.com")
    here.deliver()
    assert here.platform.lists["111"] == {sha256("anna@example.com")}
