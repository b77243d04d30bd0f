"""Run the nightly job in this process, on the home's Dagster instance: `samtykke run` starts this module.

Its outcome is one JSON file (``--result``); progress goes, line by line, to a file descriptor (``--progress``).
The run is the schedule's own job and stands in Dagster's UI like any other.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from assets.instance import COMMAND, STARTED_BY, prepare_instance, release_dead_runs
from samtykke.moments import parse_days, parse_moment, sql_text
from samtykke.outcome import BlockedCheck, BrokenStep, ExitCode, Exported, RunOutcome, StepTime
from samtykke.settings import ConfigurationError, Settings, load_settings
from samtykke.storage.connect import prepare_home
from samtykke.storage.lock import HomeBusyError, home_lock


def main(arguments: list[str] | None = None) -> int:
    """Run once; return the exit code of ``samtykke run``."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(home=options.home, landing=options.landing)
        moment = (
            parse_moment(options.as_of, ZoneInfo(settings.timezone))
            if options.as_of
            else datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        )
        with home_lock(settings, wait_seconds=options.wait, on_wait=lambda: _tell(options, event="waiting")):
            prepare_home(settings)
            outcome = _run(settings, moment, options)
    except (ConfigurationError, HomeBusyError, ValueError) as error:
        outcome = RunOutcome(exit_code=ExitCode.USAGE, message=str(error))
    options.result.write_text(outcome.to_json())
    return int(outcome.exit_code)


def _run(settings: Settings, moment: datetime, options: argparse.Namespace) -> RunOutcome:
    os.environ["SAMTYKKE_HOME"] = str(settings.home)
    os.environ["SAMTYKKE_LANDING"] = str(settings.drop_folder)
    os.environ["DAGSTER_HOME"] = str(prepare_instance(settings))
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"

    # Dagster takes seconds to import: a wrong option must not cost them.
    import dagster as dg

    from assets.definitions import build_definitions
    from assets.jobs import NIGHTLY
    from assets.project import prepared_project

    _tell(options, event="step_start", step="prepare")
    prepared_project(settings, variables={"as_of": sql_text(moment)})
    job = build_definitions(settings).resolve_job_def(NIGHTLY)
    _tell(options, event="step_success", step="prepare")

    loggers = {"progress": {"config": {"descriptor": options.progress}}} if options.progress else {}
    with dg.DagsterInstance.get() as instance:
        release_dead_runs(instance)
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags={STARTED_BY: COMMAND},
            run_config={
                "resources": {
                    "home": {
                        "config": {
                            "as_of": f"{sql_text(moment)}Z",
                            "full_refresh": options.full_refresh,
                            "web_days": parse_days(options.web_days) if options.web_days else None,
                            "accept_drop": options.accept_drop,
                        }
                    }
                },
                "loggers": loggers,
            },
        )
    return _outcome(result, moment)


def _outcome(result: Any, moment: datetime) -> RunOutcome:
    """Read the exit code off the run: an input refused, a check that blocked, a step that broke."""
    from assets.ingest import FOLDERS_CHECK, READABLE_CHECK

    checks = result.get_asset_check_evaluations()
    failed = [check for check in checks if not check.passed]
    refused = [
        check
        for check in failed
        if check.check_name in (READABLE_CHECK, FOLDERS_CHECK) and check.severity.value == "ERROR"
    ]
    blocked = [check for check in failed if check.blocking and check.severity.value == "ERROR" and check not in refused]
    broken = [
        BrokenStep(event.step_key, _cause(event.step_failure_data.error))
        for event in result.all_events
        if event.is_step_failure and not _is_a_failed_check(event)
    ]
    if result.success:
        code = ExitCode.REFUSED if refused else ExitCode.DONE
    else:
        code = ExitCode.REFUSED if refused and not blocked else ExitCode.BLOCKED
    return RunOutcome(
        exit_code=code,
        run_id=result.run_id,
        as_of=sql_text(moment),
        refused=tuple(line for check in refused for line in _lines(check)),
        blocked=tuple(
            BlockedCheck(check.asset_key.to_user_string(), check.check_name, _text(check)) for check in blocked
        ),
        warnings=tuple(
            BlockedCheck(check.asset_key.to_user_string(), check.check_name, _text(check))
            for check in failed
            if check not in refused and check not in blocked
        ),
        broken=tuple(broken),
        steps=tuple(_times(result.all_events)),
        checks=len(checks),
        exports=_exports(result),
    )


def _exports(result: Any) -> tuple[Exported, ...] | None:
    """What left, as the export assets of this run tell it."""
    from assets.delivery_metadata import AUDIENCES

    tables = [
        (event.asset_key.path[-1], event.materialization.metadata[AUDIENCES].records)
        for event in result.all_events
        if event.is_step_materialization and AUDIENCES in event.materialization.metadata
    ]
    if not tables:
        return None
    return tuple(Exported(recipient=recipient, **record.data) for recipient, records in tables for record in records)


def _is_a_failed_check(event: Any) -> bool:
    """Tell whether a step ended only because a blocking check in it failed: that is told as a check."""
    error = event.step_failure_data.error
    return error is not None and error.cls_name == "DagsterAssetCheckFailedError"


def _cause(error: Any) -> str:
    """What broke a step, from the innermost cause. DuckDB's own words may quote a value: then only its class."""
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "unknown"
    if hasattr(duckdb, str(error.cls_name)):
        return str(error.cls_name)
    return error.message.strip()


def _times(events: Iterable[Any]) -> Iterable[StepTime]:
    for event in events:
        if event.is_step_success:
            yield StepTime(event.step_key, round(event.step_success_data.duration_ms / 1000, 2))


def _text(check: Any) -> str:
    # a dbt test says what it holds in its name
    return check.description or check.check_name.replace("_", " ")


def _lines(check: Any) -> list[str]:
    return _text(check).splitlines()


def _tell(options: argparse.Namespace, **fields: object) -> None:
    if options.progress:
        from assets.progress import report

        report(options.progress, **fields)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m assets.headless", description=__doc__)
    parser.add_argument("--home")
    parser.add_argument("--landing")
    parser.add_argument("--as-of")
    parser.add_argument("--full-refresh", action="store_true")
    parser.add_argument("--web-days")
    parser.add_argument("--accept-drop", action="store_true")
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to wait for another run of this home")
    parser.add_argument("--result", type=Path, required=True, help="file for the outcome")
    parser.add_argument("--progress", type=int, help="file descriptor for progress")
    return parser


if __name__ == "__main__":
    sys.exit(main())
