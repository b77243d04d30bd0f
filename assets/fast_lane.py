"""The fast lane: a file that may hold a withdrawal starts a job that takes back what was sent, and nothing else."""

import time
from collections.abc import Sequence

import dagster as dg

from assets.context import Home, retried
from assets.jobs import NIGHTLY
from samtykke.intake import Watched
from samtykke.settings import Settings
from samtykke.storage.lock import HomeBusyError, home_lock
from samtykke.withdrawals.arrivals import new_withdrawals
from samtykke.withdrawals.lane import take_back_withdrawals
from samtykke.withdrawals.models import consent_models

WITHDRAWALS = "withdrawals"
_UNDERWAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
_BROKEN_OFF = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
# A removal that failed is tried again as often as that, until the night has come.
_AGAIN_AFTER_SECONDS = 300
# A run takes the home's lock within seconds of its start.
_SURE_AFTER = 120


@dg.op(description="Load what may be a withdrawal, decide for the people it touches, take back what was sent of them.")
def take_back(context: dg.OpExecutionContext, home: Home) -> None:
    with retried():
        outcome = take_back_withdrawals(home.settings, as_of=home.moment)
    context.add_output_metadata(
        {
            "events_appended": outcome.appended,
            "people_looked_at": outcome.people,
            "people_withheld": outcome.withheld,
            "obligations_opened": outcome.opened,
            "rows_removed": outcome.removed,
            "seconds": outcome.seconds,
        }
    )
    if outcome.exit_code:
        raise dg.Failure(description="\n".join([*outcome.refused, *outcome.problems]), allow_retries=False)


@dg.job(
    name=WITHDRAWALS,
    description="From a file in the drop folder to acknowledged removals. `samtykke withdrawals` does the same.",
    executor_def=dg.in_process_executor,
)
def withdrawals() -> None:
    take_back()


def build_fast_lane(*, settings: Settings) -> dg.Definitions:
    """Return job and sensor; the sensor is switched on by hand, since its runs send."""

    @dg.sensor(
        job=withdrawals,
        name="new_withdrawals",
        minimum_interval_seconds=10,
        description="Starts the fast lane for new files of consent, suppressions and e-mail events, after a night that "
        "broke off, and again five minutes after it could not take something back.",
    )
    def on_new_withdrawals(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        newest = context.instance.get_run_records(dg.RunsFilter(job_name=WITHDRAWALS), limit=1)
        if newest and newest[0].dagster_run.status in _UNDERWAY:
            if not _is_gone(settings, newest[0]):
                return dg.SkipReason("the fast lane is under way; looking again when it has finished")
            context.instance.report_run_failed(
                newest[0].dagster_run, "Its process is gone; what it began is completed."
            )
            return dg.SensorResult(run_requests=[_request(f"again-{newest[0].dagster_run.run_id}")])
        arrived = new_withdrawals(settings, Watched.from_text(context.cursor))
        if arrived.names:
            request = _request(arrived.digest, files=str(len(arrived.names)))
            return dg.SensorResult(run_requests=[request], cursor=arrived.seen.to_text())
        if newest and _is_to_be_tried_again(newest[0]):
            return dg.SensorResult(run_requests=[_request(f"again-{newest[0].dagster_run.run_id}")])
        if night := _broken_night(context.instance, newest):
            return dg.SensorResult(run_requests=[_request(f"after-{night}")])
        consent_models(settings)  # compiled while there is time, when the project has changed
        return dg.SkipReason("nothing new about consent in the drop folder")

    return dg.Definitions(jobs=[withdrawals], sensors=[on_new_withdrawals])


def _request(run_key: str, **told: str) -> dg.RunRequest:
    """A withdrawal goes before everything else that waits in the queue."""
    tags = {f"samtykke/{name}": value for name, value in told.items()}
    return dg.RunRequest(run_key=run_key, tags={"dagster/priority": "10", **tags})


def _is_gone(settings: Settings, record: dg.RunRecord) -> bool:
    """Whether a run was killed: it began a while ago and nobody holds the home's lock, as a run does to its end."""
    if record.dagster_run.status != dg.DagsterRunStatus.STARTED or time.time() - (record.start_time or 0) < _SURE_AFTER:
        return False
    try:
        with home_lock(settings):
            return True
    except HomeBusyError:
        return False


def _broken_night(instance: dg.DagsterInstance, newest: Sequence[dg.RunRecord]) -> str | None:
    """The last night, if it broke off and the fast lane has not run since: what it loaded of withdrawals waits else."""
    nights = instance.get_run_records(dg.RunsFilter(job_name=NIGHTLY), limit=1)
    if not nights or nights[0].dagster_run.status not in _BROKEN_OFF:
        return None
    has_run_since = newest and newest[0].create_timestamp >= nights[0].create_timestamp
    return None if has_run_since else nights[0].dagster_run.run_id


def _is_to_be_tried_again(record: dg.RunRecord) -> bool:
    is_failed = record.dagster_run.status == dg.DagsterRunStatus.FAILURE
    return is_failed and time.time() - (record.end_time or 0) >= _AGAIN_AFTER_SECONDS
