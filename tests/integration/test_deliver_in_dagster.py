"""Deliveries as Dagster runs them: an asset per audience, guards as checks, one failing destination alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import contract_server as contract
import dagster as dg
import pytest
from contract_server import ContractServer, GooglePlatform, MetaPlatform
from deliver_home import DeliverHome, digest
from export_home import AS_OF

from assets.answers import ASK, build_answers
from assets.context import Home
from assets.deliveries import DECLARED_CHECK, audience_key, build_deliveries, ledger_key, recipient_key
from assets.instance import COMMAND, STARTED_BY, release_dead_runs
from samtykke.activation import guards
from samtykke.activation.accounts import Account
from samtykke.settings import load_settings
from samtykke.storage.connect import open_home

ANNA, BO, CARL = ("email", "anna@example.com"), ("email", "bo@example.org"), ("email", "carl@example.net")
NEXT_DAY = AS_OF + timedelta(days=1)
META, GOOGLE, MAIL = ("meta", "jeans"), ("google", "jeans"), ("mailchimp", "jeans")
ALL = (META, GOOGLE, MAIL)
TOLD = dg.AssetKey("told")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = DeliverHome(tmp_path_factory.mktemp("dagster") / "home").create()
    home.declare(*ALL)
    with open_home(home.settings) as connection:
        connection.execute("""
            insert into reference.recipients
            values ('google', 'advertising.audience', 'google', 'email;phone', 540, 100)
        """)
    return home.settings.home


class World:
    """A company with two platforms and a mail tool's files, and a Dagster instance."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = DeliverHome(folder)
        self.instance = instance
        self.audiences = (META,)
        self.meta, self.google = ContractServer(MetaPlatform()), ContractServer(GooglePlatform())
        self.home.reach(monkeypatch, "meta", self.meta.url)
        self.home.reach(monkeypatch, "google", self.google.url)
        # no test here is about slowness, and a busy machine is slow
        patient = self.home.settings.deliveries_file.read_text().replace("timeout_seconds: 2", "timeout_seconds: 60")
        self.home.settings.deliveries_file.write_text(patient)
        for name, value in {
            "SAMTYKKE_HOME": folder,
            "SAMTYKKE_PEPPER": "a pepper of the tests",
            "SAMTYKKE_DELIVERIES": self.home.settings.deliveries_file,
            "SAMTYKKE_ENVIRONMENT": "production",
            "SAMTYKKE_THREADS": "1",
        }.items():
            monkeypatch.setenv(name, str(value))

    def build(self, *people: tuple[str, str], as_of=AS_OF, **options) -> None:
        one = {number: [identifier] for number, identifier in enumerate(people, 1)}
        self.home.declare(*self.audiences)
        self.home.build(dict.fromkeys(self.audiences, one), as_of=as_of, **options)

    @property
    def definitions(self) -> dg.Definitions:
        @dg.asset(key=TOLD, deps=[ledger_key(recipient) for recipient, _ in self.audiences])
        def told() -> None:
            """What is built behind the deliveries."""

        @dg.asset(key=["reference", "recipients"])
        def recipients() -> None:
            """The seed."""

        accounts = [
            Account(recipient, recipient.title(), recipient, "api", f"account_{recipient}")
            for recipient, _ in self.audiences
        ]
        deliveries = build_deliveries(
            accounts=accounts,
            segments={recipient: [segment] for recipient, segment in self.audiences},
            gate=[],
            needs={},
        )
        night = dg.define_asset_job("night", executor_def=dg.in_process_executor)
        return dg.Definitions.merge(
            deliveries,
            build_answers(settings=load_settings()),
            dg.Definitions(assets=[told, recipients], jobs=[night], resources={"home": Home()}),
        )

    def run(self, as_of=AS_OF, select=None, **config) -> dg.ExecuteInProcessResult:
        return self.definitions.resolve_job_def("night").execute_in_process(
            instance=self.instance,
            raise_on_error=False,
            asset_selection=select,
            run_config={"resources": {"home": {"config": {"as_of": f"{as_of.isoformat()}Z", **config}}}},
        )

    def held(self, audience: tuple[str, str]) -> int:
        return self.home.rows(f"select count(*) from ledger.sent_identifiers where recipient = '{audience[0]}'")[0][0]


@pytest.fixture
def world(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    shutil.copytree(template, tmp_path / "home")
    with dg.DagsterInstance.ephemeral() as instance:
        started = World(tmp_path / "home", instance, monkeypatch)
        yield started
        started.meta.close()
        started.google.close()


def failed(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], str]:
    """What stops something: asset and check, with what the check says."""
    return {
        (check.asset_key.to_user_string(), check.check_name): check.description
        for check in result.get_asset_check_evaluations()
        if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR
    }


def metadata(result: dg.ExecuteInProcessResult, audience: tuple[str, str]) -> dict[str, object]:
    (event,) = [
        event for event in result.get_asset_materialization_events() if event.asset_key == audience_key(*audience)
    ]
    return {name: entry.value for name, entry in event.materialization.metadata.items()}


def test_one_failing_destination_fails_its_own_check_and_nothing_else(world: World) -> None:
    world.audiences = ALL
    world.build(ANNA, BO)
    world.google.always = contract.cut_before
    result = world.run()
    assert not result.success  # the night ends red ...
    (((asset, check), says),) = failed(result).items()
    assert (asset, check) == ("exports/google/jeans", guards.ARRIVED)
    assert "no answer" in says and "samtykke deliver --only google/jeans --send" in says
    # ... and everybody else has what they were to get, and what tells of it was built
    assert world.meta.platform.lists["111"] == {(digest("email", who), "") for _, who in (ANNA, BO)}
    assert world.held(MAIL) == 2
    assert TOLD in {event.asset_key for event in result.get_asset_materialization_events()}
    assert metadata(result, GOOGLE)["added"] == 0

    world.google.always = None
    asked = len(world.meta.platform.requests)
    resumed = world.run()
    assert resumed.success
    assert world.google.platform.lists["111"] == {(digest("email", who),) for _, who in (ANNA, BO)}
    assert len(world.meta.platform.requests) == asked


def test_an_audience_shows_what_happened_and_no_identifier(world: World) -> None:
    world.build(ANNA, BO)
    world.run()
    world.build(ANNA, CARL, as_of=NEXT_DAY)
    result = world.run(NEXT_DAY)
    shown = metadata(result, META)
    counts = {name: shown[name] for name in ("added", "removed", "refreshed", "unchanged", "rejected")}
    assert counts == {"added": 1, "removed": 1, "refreshed": 0, "unchanged": 1, "rejected": 0}
    assert (shown["delivery"], shown["environment"]) == ("sent", "production")
    assert len(shown["request_ids"]) == 2
    told = str([event.to_json() if hasattr(event, "to_json") else event for event in result.all_events])
    for _, who in (ANNA, BO, CARL):
        assert who not in told
        assert digest("email", who) not in told


def test_outside_production_nothing_is_sent_and_the_asset_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAMTYKKE_ENVIRONMENT")
    world.build(ANNA)
    result = world.run()
    assert result.success
    shown = metadata(result, META)
    assert shown["delivery"].startswith("dry run") and shown["environment"] == "development"
    assert (shown["to_add"], shown["added"]) == (1, 0)
    assert world.meta.platform.requests == [] and world.held(META) == 0


def test_a_guard_stops_its_own_delivery_and_no_withdrawal(world: World) -> None:
    world.audiences = (META, MAIL)
    crowd = [("email", f"p{number}@example.com") for number in range(40)]
    world.build(*crowd)
    world.run()
    whole = {number: [who] for number, who in enumerate(crowd[:39], 1)}
    fewer = {number: whole[number] for number in range(1, 11)} | {99: [CARL]}
    world.home.build({META: fewer, MAIL: whole}, denied=(crowd[39],), as_of=NEXT_DAY)
    result = world.run(NEXT_DAY)
    assert list(failed(result)) == [("exports/meta/jeans", guards.MASS_REMOVAL)]
    shown = metadata(result, META)
    assert (shown["removed"], shown["held_back"], shown["added"], shown["waiting"]) == (1, 29, 0, 1)
    gone = (digest("email", crowd[39][1]), "")
    assert gone not in world.meta.platform.lists["111"] and len(world.meta.platform.lists["111"]) == 39
    assert world.held(MAIL) == 39

    meant = world.run(NEXT_DAY, allow_mass_removal=True)
    assert meant.success
    assert len(world.meta.platform.lists["111"]) == 11


def test_consent_that_came_in_later_stops_everything_but_withdrawals(world: World) -> None:
    world.build(ANNA, BO)
    world.run()
    world.build(ANNA, CARL, denied=(BO,), as_of=NEXT_DAY)
    with open_home(world.home.settings) as connection:
        connection.execute("update activation.export_gate set consent_events = -1")
    result = world.run(NEXT_DAY)
    assert ("exports/meta", guards.CONSENT) in failed(result)
    assert world.meta.platform.lists["111"] == {(digest("email", ANNA[1]), "")}
    assert metadata(result, META)["waiting"] == 1


def test_a_consent_feed_that_died_stops_everything_but_withdrawals(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build(ANNA)
    monkeypatch.setenv("SAMTYKKE_CONSENT_MAX_AGE_HOURS", "36")
    with open_home(world.home.settings) as connection:
        connection.execute("""
            insert into raw.files by name
            select 'f' as file_id, 'consent_events/a.csv' as path, 'consent_events' as entity, 'd' as sha256,
                1 as bytes, 'loaded' as status, 1 as records_in, now()::timestamp - interval 2 days as loaded_at;
            insert into raw.file_entities by name
            select 'f' as file_id, 'consent_events' as entity, 1 as rows_in, 1 as rows_staged, 0 as rows_quarantined
        """)
    result = world.run()
    assert "no consent file was loaded since" in failed(result)["exports/meta", guards.CONSENT]
    assert world.held(META) == 0
    with open_home(world.home.settings) as connection:
        connection.execute("update raw.files set loaded_at = now()::timestamp")
    assert world.run().success and world.held(META) == 1


@pytest.mark.parametrize("way", ["missing", "refused"])
def test_credentials_that_do_not_let_us_in_are_a_check_of_the_recipient(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "missing":
        monkeypatch.delenv("SAMTYKKE_SECRET_META_ACCESS_TOKEN")
    else:
        world.meta.always = contract.status(401)
    world.build(ANNA)
    result = world.run()
    problems = failed(result)
    assert set(problems) == {("exports/meta", guards.CREDENTIALS), ("exports/meta/jeans", guards.ARRIVED)}
    assert ("SAMTYKKE_SECRET_META_ACCESS_TOKEN" if way == "missing" else "401") in problems[
        ("exports/meta", guards.CREDENTIALS)
    ]


def test_a_digest_among_clear_values_stops_the_additions_and_no_withdrawal(world: World) -> None:
    world.audiences = (MAIL,)
    world.build(ANNA, BO)
    world.run()
    world.build(ANNA, CARL, denied=(BO,), as_of=NEXT_DAY)
    with open_home(world.home.settings, vault=True) as connection:
        hashed = digest("email", CARL[1])
        connection.execute("update vault.identifiers set value = $1 where value = $2", [hashed, CARL[1]])
    result = world.run(NEXT_DAY)
    if metadata(result, MAIL)["removed"] == 0:
        pytest.fail("the withdrawal was blocked")
    assert world.held(MAIL) == 1


def test_a_single_audience_can_be_delivered_again_from_the_page(world: World) -> None:
    """Without the models in the run, its moment is that of the audiences and not of the click."""
    world.build(ANNA)
    world.meta.always = contract.cut_before
    world.run()
    world.meta.always = None
    result = world.run(NEXT_DAY, select=[audience_key(*META)])
    assert result.success and world.held(META) == 1


def test_who_holds_people_and_is_declared_no_more_ends_the_run_red(world: World) -> None:
    world.audiences = (META, MAIL)
    world.build(ANNA)
    world.run()
    world.audiences = (META,)
    with open_home(world.home.settings) as connection:
        connection.execute("delete from reference.recipients where recipient = 'mailchimp'")
    result = world.run()
    assert ("reference/recipients", DECLARED_CHECK) in failed(result)
    assert not result.success


def test_accounts_are_delivered_to_one_at_a_time(world: World) -> None:
    pools = {node.name: node.definition.pool for node in world.definitions.resolve_job_def("night").graph.nodes}
    assert pools["deliver_to_meta"] == "account_meta"
    assert recipient_key("meta") in world.definitions.resolve_asset_graph().executable_asset_keys


def test_a_killed_run_keeps_no_account_and_does_not_count_as_under_way(world: World) -> None:
    with dg.instance_for_test() as instance:
        run = instance.create_run_for_job(
            world.definitions.resolve_job_def("night"), status=dg.DagsterRunStatus.STARTED, tags={STARTED_BY: COMMAND}
        )
        events = instance.event_log_storage
        events.set_concurrency_slots("account_meta", 1)
        events.claim_concurrency_slot("account_meta", run.run_id, "deliver_to_meta")
        assert release_dead_runs(instance) == 1
        assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE
        assert events.get_concurrency_info("account_meta").active_slot_count == 0


def tick(world: World, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    (sensor,) = [sensor for sensor in world.definitions.sensors if sensor.name == "open_batches"]
    return sensor(dg.build_sensor_context(instance=world.instance, cursor=cursor))


def test_the_sensor_asks_while_a_platform_works_and_records_what_it_says(world: World) -> None:
    world.audiences = (GOOGLE,)
    world.google.platform.rounds = 1
    assert not tick(world).run_requests
    world.build(ANNA)
    assert world.run().success
    first = tick(world)
    assert len(first.run_requests) == 1
    assert isinstance(tick(world, first.cursor), dg.SkipReason)  # nothing has changed: not again at once

    def ask() -> dg.ExecuteInProcessResult:
        return world.definitions.resolve_job_def(ASK).execute_in_process(instance=world.instance, raise_on_error=False)

    assert ask().success and world.held(GOOGLE) == 0
    done = ask()
    (seen,) = [event.asset_observation_data for event in done.all_events if event.is_asset_observation]
    assert seen.asset_observation.metadata["batches_acknowledged"].value == 1
    assert world.held(GOOGLE) == 1
    assert not tick(world).run_requests


def test_a_batch_that_fails_at_the_platform_fails_the_asking_run(world: World) -> None:
    world.audiences = (GOOGLE,)
    world.google.platform.errors = {"ERROR_NO_CONSENT": 1}
    world.build(ANNA)
    world.run()
    world.google.platform.handle = lambda *_: (
        200,
        {"requestStatusPerDestination": [{"requestStatus": "FAILED", "errorInfo": {}}]},
    )
    asked = world.definitions.resolve_job_def(ASK).execute_in_process(instance=world.instance, raise_on_error=False)
    assert not asked.success and world.held(GOOGLE) == 0
