"""The Dagster instance of a home. ``python -m assets.instance`` prepares it and prints its folder (DAGSTER_HOME)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from samtykke.settings import Settings, load_settings
from samtykke.storage.lock import HomeBusyError, home_lock

if TYPE_CHECKING:
    from dagster import DagsterInstance

# The tag of a run of the command line: its process and its lock die together.
STARTED_BY = "samtykke/started_by"
COMMAND = "samtykke run"

_TEMPLATE = Path(__file__).with_name("dagster.yaml")


def prepare_instance(settings: Settings) -> Path:
    """Create ``<home>/dagster`` with the project's ``dagster.yaml``; a file that the user changed is kept."""
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "dagster.yaml").exists():
        shutil.copy(_TEMPLATE, folder / "dagster.yaml")
    return folder


def release_dead_runs(instance: DagsterInstance) -> int:
    """End in Dagster what a kill ended without it, and free the accounts it was delivering to.

    Else it counts as under way for ever: sensors wait for it, and so does the next delivery to its accounts. The
    caller holds the home's lock, so no run of the command line is alive.

    Returns:
        How many runs were ended.
    """
    from dagster import DagsterRunStatus, RunsFilter

    alive = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
    dead = instance.get_runs(RunsFilter(statuses=alive, tags={STARTED_BY: COMMAND}))
    for run in dead:
        instance.report_run_failed(run, "The process of this run is gone. The ledger knows how far it came.")
    events = instance.event_log_storage
    if events.supports_global_concurrency_limits:
        claims = [
            slot for key in events.get_concurrency_keys() for slot in events.get_concurrency_info(key).claimed_slots
        ]
        for run_id in {slot.run_id for slot in claims}:
            events.free_concurrency_slots_for_run(run_id)
    return len(dead)


def main() -> None:
    """Prepare the instance for Dagster's UI and print its folder."""
    settings = load_settings()
    folder = prepare_instance(settings)
    os.environ["DAGSTER_HOME"] = str(folder)
    from dagster import DagsterInstance

    try:
        with home_lock(settings), DagsterInstance.get() as instance:
            release_dead_runs(instance)
    except HomeBusyError:
        pass  # a run is at it; it has cleared up before
    print(folder)


if __name__ == "__main__":
    main()
