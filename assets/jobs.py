"""The nightly job, the same job for a past day, and the web models for single days."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from samtykke.moments import end_of_day
from samtykke.settings import Settings

NIGHTLY = "nightly"
PAST_DAY = "past_day"
WEB_DAYS = "web_days"  # also the tag of the models that this job builds
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


def build_jobs(*, settings: Settings, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the jobs: of everything, now or as of a past day, and of the web models that tell visits day by day."""
    zone = ZoneInfo(settings.timezone)

    @dg.daily_partitioned_config(start_date=_FIRST_DAY, timezone=settings.timezone)
    def end_of_that_day(start: datetime, _end: datetime) -> dict[str, object]:
        moment = end_of_day(start.date(), zone).replace(tzinfo=UTC)
        return {"resources": {"home": {"config": {"as_of": moment.isoformat()}}}}

    @dg.daily_partitioned_config(start_date=_FIRST_DAY, timezone="UTC")
    def that_day_of_the_web(start: datetime, _end: datetime) -> dict[str, object]:
        return {"resources": {"home": {"config": {"web_days": f"{start.date()}/{start.date()}"}}}}

    everything = dg.AssetSelection.all()
    web = [
        dg.AssetKey([node["config"]["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and WEB_DAYS in node["tags"]
    ]
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
            dg.define_asset_job(
                WEB_DAYS,
                selection=dg.AssetSelection.assets(*web),
                config=that_day_of_the_web,
                description="Tells the visits of a day (UTC) anew, whatever came, and those of all days for which "
                "something came. Loads, exports and publishes nothing; a day told again is the same.",
                executor_def=dg.in_process_executor,
                hooks={say_what_failed},
            ),
        ]
    )
