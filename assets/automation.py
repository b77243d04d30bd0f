"""What starts a run by itself (the nightly schedule, a new file), and what says that one failed."""

import dagster as dg

from assets.jobs import NIGHTLY
from samtykke.intake import Watched, new_files
from samtykke.settings import Settings

# A run that will write to the home, or does.
UNDERWAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def build_automation(*, settings: Settings) -> dg.Definitions:
    """Return schedule and sensors; all are switched on by hand, since a run exports."""

    @dg.schedule(
        job_name=NIGHTLY,
        name="every_night",
        cron_schedule=settings.nightly_cron,
        execution_timezone=settings.timezone,
        description="The nightly run, at the company's night.",
    )
    def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        moment = context.scheduled_execution_time
        return dg.RunRequest(
            run_key=moment.isoformat(),
            run_config={"resources": {"home": {"config": {"as_of": moment.isoformat()}}}},
        )

    @dg.sensor(
        job_name=NIGHTLY,
        name="new_files",
        minimum_interval_seconds=60,
        description="Starts one run for everything that has arrived in the drop folder and stopped changing.",
    )
    def on_new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen = Watched.from_text(context.cursor)
        arrived = new_files(settings, seen)
        if not arrived.names:
            return dg.SkipReason("nothing new in the drop folder")
        if context.instance.get_runs_count(dg.RunsFilter(statuses=UNDERWAY)):
            return dg.SkipReason("a run is under way; looking again when it has finished")
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=arrived.digest, tags={"samtykke/new_files": str(len(arrived.names))})],
            cursor=arrived.seen.to_text(),
        )

    @dg.run_failure_sensor(
        name="say_which_run_failed",
        description="Logs one sentence per failed run; the place to hang a message to a person.",
    )
    def say_which_run_failed(context: dg.RunFailureSensorContext) -> None:
        steps = ", ".join(sorted({event.step_key for event in context.get_step_failure_events() if event.step_key}))
        context.log.error(
            f"Run {context.dagster_run.run_id} of {context.dagster_run.job_name} failed"
            f"{f' in {steps}' if steps else ''}; what was published before still stands."
        )

    return dg.Definitions(schedules=[every_night], sensors=[on_new_files, say_which_run_failed])
