"""The nightly job, and the same job for a past day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from samtykke.moments import end_of_day
from samtykke.settings import Settings

NIGHTLY = "nightly"
PAST_DAY = "past_day"
# Backfills reach back to the first day a company of today may want; earlier days need `samtykke run --as-of`.
_FIRST_DAY = datetime(2020, 1, 1)


@dg.failure_hook(name="say_what_failed")
def say_what_failed(context: dg.HookContext) -> None:
    """Say what failed, what still stands and where to look; not the error's text, which may quote a value."""
    kind = type(context.op_exception).__name__ if context.op_exception else "error"
    context.log.error(
        f"Step {context.step_key} failed ({kind}). Nothing to its right was built or exported; what was published "
        f"before still stands. Look at the checks of run {context.run_id} in Dagster, mend the cause and run again."
    )


def build_jobs(*, settings: Settings) -> dg.Definitions:
    """Return both jobs; they differ only in where their moment comes from."""
    zone = ZoneInfo(settings.timezone)

    @dg.daily_partitioned_config(start_date=_FIRST_DAY, timezone=settings.timezone)
    def end_of_that_day(start: datetime, _end: datetime) -> dict[str, object]:
        moment = end_of_day(start.date(), zone).replace(tzinfo=UTC)
        return {"resources": {"home": {"config": {"as_of": moment.isoformat()}}}}

    everything = dg.AssetSelection.all()
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                NIGHTLY,
                selection=everything,
                description="From the drop folder to audience files and published marts. `samtykke run` is this job.",
                executor_def=dg.in_process_executor,
                hooks={say_what_failed},
            ),
            dg.define_asset_job(
                PAST_DAY,
                selection=everything,
                config=end_of_that_day,
                description="The nightly job as of the end of a past day in the company's time zone. "
                "It exports and publishes that day's state; run the nightly job afterwards.",
                executor_def=dg.in_process_executor,
                hooks={say_what_failed},
            ),
        ]
    )
