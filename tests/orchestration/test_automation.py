"""What starts a run by itself, driven by real ticks."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from assets import fast_lane
from assets.automation import build_automation
from assets.jobs import NIGHTLY, PAST_DAY, WEB_DAYS
from samtykke.moments import parse_days
from samtykke.settings import Settings, load_settings


@pytest.fixture
def drop_folder(tmp_path: Path) -> Path:
    (tmp_path / "landing" / "orders").mkdir(parents=True)
    return tmp_path / "landing"


@pytest.fixture
def watched(drop_folder: Path) -> dg.Definitions:
    return build_automation(settings=load_settings(home=drop_folder.parent, settle_seconds=60.0))


def deliver(folder: Path, name: str, text: str = "order_id\n1\n", *, age: float = 3600) -> Path:
    """Put a file into the drop folder that stopped changing ``age`` seconds ago."""
    file = folder / name
    file.write_text(text)
    moment = datetime.now().timestamp() - age
    os.utime(file, (moment, moment))
    return file


def tick(definitions: dg.Definitions, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    (sensor,) = [sensor for sensor in definitions.sensors if sensor.name == "new_files"]
    with dg.instance_for_test() as instance:
        return sensor(dg.build_sensor_context(instance=instance, cursor=cursor))


def test_everything_new_starts_one_run(watched: dg.Definitions, drop_folder: Path) -> None:
    deliver(drop_folder, "orders/a.csv")
    deliver(drop_folder, "orders/b.csv")
    result = tick(watched, None)
    assert isinstance(result, dg.SensorResult)
    assert len(result.run_requests) == 1
    assert isinstance(tick(watched, result.cursor), dg.SkipReason)


def test_a_half_written_file_starts_nothing(watched: dg.Definitions, drop_folder: Path) -> None:
    """A run on half a consent file would export people whose withdrawal is in the other half."""
    deliver(drop_folder, "orders/a.csv", age=5)
    deliver(drop_folder, "orders/b.csv.part")
    assert isinstance(tick(watched, None), dg.SkipReason)


def test_a_changed_file_starts_a_run_and_a_removed_one_does_not(watched: dg.Definitions, drop_folder: Path) -> None:
    """The door removes delivered social files: that must not start a run each night's run would repeat."""
    file = deliver(drop_folder, "orders/a.csv")
    first = tick(watched, None)
    deliver(drop_folder, "orders/a.csv", "order_id\n1\n2\n", age=1800)
    second = tick(watched, first.cursor)
    assert isinstance(second, dg.SensorResult)
    assert second.run_requests[0].run_key != first.run_requests[0].run_key
    file.unlink()
    assert isinstance(tick(watched, second.cursor), dg.SkipReason)


def test_while_a_run_is_under_way_nothing_starts_and_nothing_is_forgotten(
    watched: dg.Definitions, drop_folder: Path
) -> None:
    deliver(drop_folder, "orders/a.csv")
    (sensor,) = [sensor for sensor in watched.sensors if sensor.name == "new_files"]
    with dg.instance_for_test() as instance:
        instance.create_run_for_job(_empty_job(), status=dg.DagsterRunStatus.STARTED)
        assert isinstance(sensor(dg.build_sensor_context(instance=instance)), dg.SkipReason)
    assert isinstance(tick(watched, None), dg.SensorResult)


def _empty_job() -> dg.JobDefinition:
    @dg.op
    def nothing() -> None: ...

    @dg.job
    def busy() -> None:
        nothing()

    return busy


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25", "2026-11-22"])
def test_the_nightly_run_takes_the_moment_it_was_due(definitions: dg.Definitions, night: str) -> None:
    """A run that starts late, after an outage, must still be that night's run."""
    schedule = definitions.resolve_schedule_def("every_night")
    assert schedule.execution_timezone == "Europe/Copenhagen"
    due = datetime.fromisoformat(f"{night}T03:15:00+02:00")
    request = schedule(dg.build_schedule_context(scheduled_execution_time=due))
    as_of = request.run_config["resources"]["home"]["config"]["as_of"]
    assert datetime.fromisoformat(as_of) == due


@pytest.mark.parametrize(
    ("day", "midnight_after"),
    [
        ("2026-03-29", "2026-03-29T22:00:00"),
        ("2026-10-25", "2026-10-25T23:00:00"),
        ("2026-07-01", "2026-07-01T22:00:00"),
    ],
)
def test_a_past_day_ends_at_the_companys_midnight(definitions: dg.Definitions, day: str, midnight_after: str) -> None:
    job = definitions.resolve_job_def(PAST_DAY)
    config = job.partitioned_config.get_run_config_for_partition_key(day)
    moment = datetime.fromisoformat(config["resources"]["home"]["config"]["as_of"])
    assert moment == datetime.fromisoformat(midnight_after).replace(tzinfo=UTC)
    dg.validate_run_config(job, config)


def test_a_day_of_the_web_is_told_anew_and_nothing_else(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def(WEB_DAYS)
    config = job.partitioned_config.get_run_config_for_partition_key("2026-03-29")
    assert config["resources"]["home"]["config"] == {"web_days": "2026-03-29/2026-03-29"}
    dg.validate_run_config(job, config)
    told = {key.to_user_string() for key in job.asset_layer.selected_asset_keys}
    assert {"intermediate/int_behaviour__clicks", "marts/web_sessions", "intermediate/int_behaviour__web_told"} <= told
    assert {key.split("/")[0] for key in told} == {"staging", "intermediate", "marts"}


@pytest.mark.parametrize("days", ["2026-06-05/2026-06-01", "June", "2026-06-01/2026-06-02/2026-06-03", "2026-06-31"])
def test_days_that_are_none_are_refused(days: str) -> None:
    with pytest.raises(ValueError, match="2026-06-01/2026-06-05"):
        parse_days(days)


def test_published_marts_must_not_grow_old(graph: dg.AssetGraph) -> None:
    """Stale marts show people who may have said no since."""
    policy = graph.get(dg.AssetKey(["published", "marts"])).freshness_policy_or_from_metadata
    assert policy.fail_window.to_timedelta() <= timedelta(hours=50)


def test_a_run_that_exports_is_switched_on_by_hand(settings: Settings) -> None:
    automation = build_automation(settings=settings)
    assert all(schedule.default_status is dg.DefaultScheduleStatus.STOPPED for schedule in automation.schedules)
    assert all(sensor.default_status is dg.DefaultSensorStatus.STOPPED for sensor in automation.sensors)


@pytest.fixture
def lane(drop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> dg.Definitions:
    monkeypatch.setattr(fast_lane, "consent_models", lambda settings: [])  # dbt has no part in a tick
    return fast_lane.build_fast_lane(settings=load_settings(home=drop_folder.parent, settle_seconds=60.0))


def lane_tick(
    definitions: dg.Definitions, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult | dg.SkipReason:
    (sensor,) = definitions.sensors
    return sensor(dg.build_sensor_context(instance=instance, cursor=cursor))


def test_only_what_may_be_a_withdrawal_starts_the_fast_lane(lane: dg.Definitions, drop_folder: Path) -> None:
    """Once each, before whatever else waits; a contact list without consent in it is the night's."""
    for folder in ("consent_events", "suppressions", "email_events", "contacts@mailchimp", "contacts"):
        (drop_folder / folder).mkdir()
    with dg.instance_for_test() as instance:
        deliver(drop_folder, "orders/a.csv")
        deliver(drop_folder, "contacts/a.csv")
        assert isinstance(lane_tick(lane, instance), dg.SkipReason)
        cursor = None
        for file in ("consent_events/a.csv", "suppressions/a.csv", "email_events/a.csv", "contacts@mailchimp/a.csv"):
            deliver(drop_folder, file)
            result = lane_tick(lane, instance, cursor)
            assert isinstance(result, dg.SensorResult), file
            assert [request.tags["dagster/priority"] for request in result.run_requests] == ["10"]
            cursor = result.cursor
        assert isinstance(lane_tick(lane, instance, cursor), dg.SkipReason)


@pytest.mark.parametrize(
    ("status", "minutes", "is_locked", "starts"),
    [
        (dg.DagsterRunStatus.FAILURE, 6, False, True),  # a platform was down
        (dg.DagsterRunStatus.FAILURE, 1, False, False),
        (dg.DagsterRunStatus.SUCCESS, 6, False, False),
        (dg.DagsterRunStatus.STARTED, 6, True, False),  # at work
        (dg.DagsterRunStatus.STARTED, 6, False, True),  # killed
        (dg.DagsterRunStatus.STARTED, 1, False, False),  # about to take the lock
    ],
)
def test_a_removal_that_failed_or_was_killed_is_tried_again(
    lane: dg.Definitions, drop_folder: Path, status: dg.DagsterRunStatus, minutes: float, is_locked: bool, starts: bool
) -> None:
    with dg.instance_for_test() as instance, ExitStack() as held:
        run = instance.create_run_for_job(fast_lane.withdrawals, status=dg.DagsterRunStatus.STARTING)
        past = time.time() - minutes * 60
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time", lambda: past)
            instance.report_dagster_event(
                dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, run.job_name), run.run_id, timestamp=past
            )
            if status == dg.DagsterRunStatus.FAILURE:
                instance.report_run_failed(run)
            elif status == dg.DagsterRunStatus.SUCCESS:
                instance.report_dagster_event(
                    dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, run.job_name), run.run_id, timestamp=past
                )
        if is_locked:
            other = held.enter_context((drop_folder.parent / "run.lock").open("a"))
            fcntl.flock(other.fileno(), fcntl.LOCK_EX)
        result = lane_tick(lane, instance)
        assert isinstance(result, dg.SensorResult) is starts


def test_after_a_night_that_broke_off_the_fast_lane_runs_once(lane: dg.Definitions) -> None:
    """What the night had loaded is new to no sensor: recipients and lookups would wait for the next night."""

    @dg.op
    def nothing() -> None: ...

    @dg.job(name=NIGHTLY)
    def night() -> None:
        nothing()

    with dg.instance_for_test() as instance:
        broken = instance.create_run_for_job(night, status=dg.DagsterRunStatus.STARTED)
        assert isinstance(lane_tick(lane, instance), dg.SkipReason)
        instance.report_run_failed(broken)
        result = lane_tick(lane, instance)
        assert [request.run_key for request in result.run_requests] == [f"after-{broken.run_id}"]
        instance.create_run_for_job(fast_lane.withdrawals, status=dg.DagsterRunStatus.SUCCESS)
        assert isinstance(lane_tick(lane, instance), dg.SkipReason)
        stopped = instance.create_run_for_job(night, status=dg.DagsterRunStatus.STARTED)
        instance.report_run_canceled(stopped)
        result = lane_tick(lane, instance)
        assert [request.run_key for request in result.run_requests] == [f"after-{stopped.run_id}"]
