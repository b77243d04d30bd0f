"""Deliveries to interfaces against platforms that behave, and misbehave, as documented."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from datetime import timedelta

import contract_server as contract
import pytest
from contract_server import ContractServer, GooglePlatform, MailchimpPlatform, MetaPlatform
from deliver_home import DeliverHome, digest
from export_home import AS_OF
from typer.testing import CliRunner

from samtykke.activation.export import ExportError
from samtykke.cli import app
from samtykke.storage.chain import first_broken_link
from samtykke.storage.connect import open_home

ANNA, BO, CARL = ("email", "anna@example.com"), ("email", "bo@example.org"), ("email", "carl@example.net")
ANNA_PHONE = ("phone", "+4520123456")
NEXT_DAY = AS_OF + timedelta(days=1)
JEANS, READERS = ("meta", "jeans"), ("meta", "readers")


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    home = DeliverHome(tmp_path_factory.mktemp("deliver") / "home").create()
    home.declare(JEANS)
    with open_home(home.settings) as connection:
        connection.execute("""
            insert into reference.recipients
            values ('google', 'advertising.audience', 'google', 'email;phone', 540, 100)
        """)
    return home.settings.home


@pytest.fixture
def home(template, tmp_path):
    shutil.copytree(template, tmp_path / "home")
    return DeliverHome(tmp_path / "home")


@pytest.fixture
def serve():
    servers = []

    def start(platform):
        servers.append(ContractServer(platform))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def meta(home, serve, monkeypatch):
    server = serve(MetaPlatform())
    home.reach(monkeypatch, "meta", server.url)
    return server


def people(*identifiers, audience=JEANS):
    return {audience: {number: [one] for number, one in enumerate(identifiers, 1) if one}}


def emails(*identifiers):
    return {(digest("email", value), "") for _, value in identifiers}


def held(home, audience=JEANS):
    return home.rows(
        f"select count(*) from ledger.held_rows where recipient = '{audience[0]}' and segment = '{audience[1]}'"
    )[0][0]


def states(home):
    return [state for (state,) in home.rows("select state from ledger.delivery_batch_states order by left_at")]


def assert_chains_hold(home):
    with open_home(home.settings, read_only=True) as connection:
        for table in ("export_builds", "export_rows", "delivery_batches", "delivery_rejections"):
            assert first_broken_link(connection, f"ledger.{table}") is None


def test_additions_and_removals_reach_the_platform_and_a_second_run_says_nothing(home, meta):
    home.build(people(ANNA, BO))
    first = home.deliver(AS_OF)[JEANS]
    assert (first.added, first.tally.acknowledged) == (2, 1)
    assert meta.platform.lists["111"] == emails(ANNA, BO)
    asked = len(meta.platform.requests)
    assert home.deliver(AS_OF)[JEANS].unchanged == 2
    assert len(meta.platform.requests) == asked
    home.build(people(ANNA, None, CARL), as_of=NEXT_DAY)
    home.deliver(NEXT_DAY)
    assert meta.platform.lists["111"] == emails(ANNA, CARL)
    assert [request["body"].get("method", "add") for request in meta.platform.requests[asked:]] == ["DELETE", "add"]
    assert held(home) == 2
    assert_chains_hold(home)


def test_whoever_leaves_any_list_leaves_before_anybody_enters_another(home, meta):
    home.declare(JEANS, READERS)
    home.build({JEANS: {1: [ANNA], 2: [BO]}, READERS: {2: [BO], 3: [CARL]}})
    home.deliver(AS_OF)
    asked = len(meta.platform.requests)
    home.build({JEANS: {2: [BO], 3: [CARL]}, READERS: {1: [ANNA], 2: [BO]}}, as_of=NEXT_DAY)
    results = home.deliver(NEXT_DAY)
    made = [request["body"].get("method", "add") for request in meta.platform.requests[asked:]]
    assert made == ["DELETE", "DELETE", "add", "add"]
    assert meta.platform.lists == {"111": emails(BO, CARL), "222": emails(ANNA, BO)}
    for audience in (JEANS, READERS):
        told = results[audience]
        assert (told.added, told.removed, told.held, told.unchanged, told.tally.acknowledged) == (1, 1, 2, 1, 2)
    assert_chains_hold(home)


def test_outside_production_nothing_is_sent_unless_asked(home, meta):
    home.build(people(ANNA))
    planned = home.deliver(AS_OF, send=None)[JEANS]
    assert (planned.added, planned.batches, planned.path) == (1, 1, None)
    assert meta.platform.requests == [] and held(home) == 0


def test_who_withdraws_is_taken_out_of_every_audience_of_the_account(home, meta):
    home.declare(JEANS, READERS)
    home.build({JEANS: {1: [ANNA], 2: [BO]}, READERS: {1: [ANNA], 2: [BO]}})
    home.deliver(AS_OF)
    # Bo withdraws altogether; Anna only leaves the readers
    home.build({JEANS: {1: [ANNA]}, READERS: {}}, denied=(BO,), as_of=NEXT_DAY)
    home.deliver(NEXT_DAY)
    assert (meta.platform.lists["111"], meta.platform.lists["222"]) == (emails(ANNA), set())
    paths = [request["path"] for request in meta.platform.requests]
    assert "/act_77/usersofanyaudience" in paths and "/222/users" in paths


@pytest.mark.parametrize(
    "fault",
    [
        contract.status(429, Retry_After="0"),
        contract.status(503),
        contract.cut_before,
        contract.cut_after,
        contract.slow(2.3),
        lambda handler, _: handler.reply(200, b"<html>Please log in</html>"),
    ],
    ids=["429", "503", "cut before", "cut after", "slow", "a proxy's page"],
)
def test_a_passing_fault_is_ridden_out(home, meta, fault):
    home.build(people(ANNA, BO))
    meta.faults = [fault]
    home.deliver(AS_OF)
    assert meta.platform.lists["111"] == emails(ANNA, BO)
    assert states(home) == ["acknowledged"]


@pytest.mark.parametrize("answer", [b"<html>Please log in</html>", None, {}], ids=["a page", "nothing", "no count"])
def test_a_removal_that_something_else_answered_is_not_taken_for_made(home, meta, answer):
    home.build(people(ANNA, BO))
    home.deliver(AS_OF)
    home.build(people(ANNA), denied=(BO,), as_of=NEXT_DAY)
    meta.always = lambda handler, _: handler.reply(200, answer)
    with pytest.raises(ExportError):
        home.deliver(NEXT_DAY)
    assert states(home)[-1] == "leaving" and held(home) == 2
    meta.always = None
    home.deliver(NEXT_DAY)
    assert meta.platform.lists["111"] == emails(ANNA) and held(home) == 1


def test_retry_after_is_waited_for(home, meta):
    home.build(people(ANNA))
    meta.faults = [contract.status(429, Retry_After="1")]
    started = time.monotonic()
    home.deliver(AS_OF)
    assert time.monotonic() - started >= 1


def test_a_platform_that_does_not_answer_leaves_the_batch_open_and_the_next_run_sends_it_under_its_key(home, meta):
    home.build(people(ANNA, BO))
    meta.always = contract.cut_after
    with pytest.raises(ExportError, match="no answer after 4 attempts"):
        home.deliver(AS_OF)
    assert states(home) == ["leaving"]
    assert held(home) == 2  # it may have arrived: a withdrawal now would be sent
    meta.always = None
    home.deliver(AS_OF)
    assert states(home) == ["acknowledged"] and held(home) == 2
    assert len({request["headers"]["Idempotency-Key"] for request in meta.platform.requests}) == 1
    assert meta.platform.lists["111"] == emails(ANNA, BO)


def test_a_withdrawal_while_an_addition_is_in_doubt_is_removed(home, meta):
    home.build(people(ANNA, BO))
    meta.always = contract.cut_after
    with pytest.raises(ExportError):
        home.deliver(AS_OF)
    meta.always = None
    home.build(people(ANNA), denied=(BO,), as_of=NEXT_DAY)
    home.deliver(NEXT_DAY)
    assert meta.platform.lists["111"] == emails(ANNA)
    assert held(home) == 1
    assert_chains_hold(home)


def test_a_refused_removal_stops_additions_and_is_tried_again(home, meta):
    home.build(people(ANNA, BO))
    home.deliver(AS_OF)
    home.build(people(ANNA, None, CARL), denied=(BO,), as_of=NEXT_DAY)
    small = {"error": {"code": 2650, "error_subcode": 1870145, "message": f"audience too small {BO[1]}"}}
    meta.faults = [contract.status(400, small)]
    with pytest.raises(ExportError, match="HTTP 400") as refused:
        home.deliver(NEXT_DAY)
    assert BO[1] not in str(refused.value)
    assert meta.platform.lists["111"] == emails(ANNA, BO) and held(home) == 2
    home.deliver(NEXT_DAY)
    assert meta.platform.lists["111"] == emails(ANNA, CARL) and held(home) == 2


def test_an_error_inside_an_answer_of_200_is_an_error(home, meta):
    home.build(people(ANNA))
    meta.faults = [contract.status(200, {"error": {"code": 100, "error_subcode": 1713230}})]
    with pytest.raises(ExportError, match="100"):
        home.deliver(AS_OF)
    assert states(home) == ["failed"] and held(home) == 0


def test_what_a_platform_echoes_reaches_no_log_and_no_ledger(home, meta):
    home.build(people(ANNA))
    echo = {"num_received": 1, "num_invalid_entries": 1, "invalid_entry_samples": [[digest("email", ANNA[1])]]}
    meta.faults = [contract.status(200, echo)]
    result = home.deliver(AS_OF)[JEANS]
    assert result.tally.rejected == {"not_named": 1}
    ledger = str(home.rows("from ledger.delivery_batches")) + str(home.rows("from ledger.delivery_rejections"))
    assert digest("email", ANNA[1]) not in ledger + str(result) + home.logs()


def test_replacing_a_list_is_one_exchange_and_leaves_withdrawals_to_the_account(home, serve, monkeypatch):
    server = serve(MetaPlatform())
    home.reach(monkeypatch, "meta", server.url, mode="replace")
    home.build(people(ANNA, BO, CARL))
    home.deliver(AS_OF)
    home.build(people(ANNA, None, None, ANNA_PHONE), denied=(BO,), as_of=NEXT_DAY)
    home.deliver(NEXT_DAY)
    assert server.platform.lists["111"] == emails(ANNA) | {("", digest("phone", ANNA_PHONE[1]))}
    assert [request["path"] for request in server.platform.requests] == [
        "/111/usersreplace",
        "/act_77/usersofanyaudience",
        "/111/usersreplace",
    ]
    assert held(home) == 2


def google(home, serve, monkeypatch, platform, **options):
    server = serve(platform)
    home.declare(("google", "jeans"))
    home.reach(monkeypatch, "google", server.url, **options)
    return server


def test_a_job_is_acknowledged_only_when_the_platform_says_so(home, serve, monkeypatch):
    server = google(home, serve, monkeypatch, GooglePlatform(rounds=1, errors={"ERROR_NO_CONSENT": 1}))
    audience = ("google", "jeans")
    home.build(people(ANNA, BO, audience=audience))
    assert home.deliver(AS_OF)[audience].tally.pending == 1
    assert states(home) == ["sent"] and home.rows("select count(*) from ledger.sent_identifiers") == [(0,)]
    assert home.deliver(AS_OF)[audience].tally.pending == 1  # asked, still working
    result = home.deliver(AS_OF)[audience]
    assert (result.tally.acknowledged, result.tally.rejected) == (1, {"not_named": 1})
    assert home.rows("select count(*) from ledger.sent_identifiers") == [(2,)]
    assert home.rows("select matched_low, matched_high from ledger.delivery_batch_states") == [(1, 1)]
    assert sum(request["method"] == "POST" for request in server.platform.requests) == 1


def test_a_refused_token_is_renewed_once(home, serve, monkeypatch):
    server = google(home, serve, monkeypatch, GooglePlatform())
    home.build(people(ANNA, audience=("google", "jeans")))
    server.faults = [None, contract.status(401)]
    home.deliver(AS_OF)
    assert server.platform.lists["111"] == {(digest("email", ANNA[1]),)}
    server.platform.token = "another"
    home.deliver(AS_OF)
    assert states(home) == ["acknowledged"]


def test_mark_and_sweep_never_empties_the_list(home, serve, monkeypatch):
    server = google(home, serve, monkeypatch, GooglePlatform(), mode="replace")
    audience = ("google", "jeans")
    home.build(people(ANNA, BO, audience=audience))
    home.deliver(AS_OF)
    home.deliver(AS_OF)
    home.build(people(ANNA, None, CARL, audience=audience), denied=(BO,), as_of=NEXT_DAY)
    home.deliver(NEXT_DAY)
    home.deliver(NEXT_DAY)
    assert server.platform.lists["111"] == {(digest("email", value),) for _, value in (ANNA, CARL)}
    actions = [r["path"].rpartition(":")[2] for r in server.platform.requests if r["method"] == "POST"]
    assert actions == ["ingest", "removeAll"] * 2


def test_what_a_platform_forgets_is_sent_again_before(home, serve, monkeypatch):
    google(home, serve, monkeypatch, GooglePlatform())
    audience = ("google", "jeans")
    home.build(people(ANNA, audience=audience))
    home.deliver(AS_OF)
    home.deliver(AS_OF)
    later = AS_OF + timedelta(days=534)
    home.build(people(ANNA, audience=audience), as_of=later)
    result = home.deliver(later)[audience]
    assert (result.added, result.refreshed, result.removed) == (1, 1, 0)
    home.deliver(later)
    assert home.deliver(later)[audience].refreshed == 0


def test_mailchimp_never_lifts_an_unsubscription(home, serve, monkeypatch):
    server = serve(MailchimpPlatform())
    platform = server.platform
    audience = ("mailchimp", "jeans")
    home.declare(audience)
    home.reach(monkeypatch, "mailchimp", server.url)
    member = {one: hashlib.md5(one[1].encode()).hexdigest() for one in (ANNA, BO, CARL)}
    platform.contacts[member[BO]] = {"status": "unsubscribed", "address": BO[1]}
    platform.forgotten.add(member[CARL])
    home.build(people(ANNA, BO, CARL, audience=audience))
    result = home.deliver(AS_OF)[audience]
    assert platform.contacts[member[BO]]["status"] == "unsubscribed"
    assert platform.lists["111"] == {member[ANNA], member[BO]}
    assert result.tally.rejected == {"400": 1}
    assert held(home, audience) == 2  # who was rejected is not there, and is tried again
    home.build(people(ANNA, audience=audience), denied=(BO,), as_of=NEXT_DAY)
    home.deliver(NEXT_DAY)
    assert platform.contacts[member[BO]]["archived"] and platform.lists["111"] == {member[ANNA]}


def test_a_missing_secret_names_its_variable(home, meta, monkeypatch):
    monkeypatch.delenv("SAMTYKKE_SECRET_META_ACCESS_TOKEN")
    home.build(people(ANNA))
    with pytest.raises(ExportError, match="SAMTYKKE_SECRET_META_ACCESS_TOKEN"):
        home.deliver(AS_OF)


def test_going_back_to_files_keeps_what_may_have_left(home, meta):
    home.build(people(ANNA, BO))
    meta.always = contract.cut_after
    with pytest.raises(ExportError):
        home.deliver(AS_OF)
    home.settings.deliveries_file.unlink()
    home.build(people(ANNA), denied=(BO,), as_of=NEXT_DAY)
    result = home.deliver(NEXT_DAY)[JEANS]
    assert (result.removed, dict(result.removal_reasons)) == (1, {"permission_ended": 1})


def test_many_people_leave_at_once_only_with_a_flag_but_withdrawals_always(home, meta):
    crowd = [("email", f"p{number}@example.com") for number in range(40)]
    home.build(people(*crowd))
    home.deliver(AS_OF)
    home.settings = home.settings.model_copy(update={"max_removal_share": 0.3})
    home.build(people(*crowd[:10]), denied=(crowd[39],), as_of=NEXT_DAY)
    result = home.deliver(NEXT_DAY)[JEANS]
    assert (result.removed, result.held_back, result.guard) == (1, 29, "mass_removal")
    assert home.deliver(NEXT_DAY, allow_mass_removal=True)[JEANS].removed == 29
    assert meta.platform.lists["111"] == emails(*crowd[:10])


def test_the_command_line_plans_then_sends_only_when_asked(home, meta, monkeypatch):
    home.build(people(ANNA, BO))
    monkeypatch.setenv("SAMTYKKE_PEPPER", "a pepper of the tests")
    monkeypatch.setenv("SAMTYKKE_DELIVERIES", str(home.settings.deliveries_file))

    def command(*arguments):
        ended = CliRunner().invoke(app, [*arguments, "--home", str(home.settings.home), "--json"])
        return ended.exit_code, json.loads(ended.stdout)

    code, planned = command("plan")
    (audience,) = planned["audiences"]
    assert (code, audience["add"], audience["batches"], audience["is_below_floor"]) == (0, 2, 1, True)
    assert command("deliver", "--recipient", "meta")[1]["is_sent"] is False
    assert meta.platform.requests == []
    code, sent = command("deliver", "--segment", "jeans", "--send")
    assert (code, sent["audiences"][0]["acknowledged_batches"]) == (0, 1)
    assert meta.platform.lists["111"] == emails(ANNA, BO)
    meta.always = contract.cut_before
    home.build(people(ANNA), denied=(BO,), as_of=NEXT_DAY)
    code, failed = command("deliver", "--send")
    assert code == 1 and "no answer" in failed["problem"] and BO[1] not in str(failed)
