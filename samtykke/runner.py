"""Start a run: the nightly job in a process of its own (``assets.headless``), watched line by line.

The library imports neither Dagster nor dbt, so the command line stays quick and a crash of a run is just an outcome.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samtykke.outcome import ExitCode, RunOutcome
from samtykke.settings import ConfigurationError, Settings

Progress = Callable[[Mapping[str, str]], None]
_KEPT_LOGS = 30


@dataclass(frozen=True)
class RunOptions:
    """What a run may be told. ``as_of`` None is now; ``wait_seconds`` is for another run of the same home.

    ``web_days`` are days (UTC) whose visits are told anew, whatever came: ``2026-06-01/2026-06-05``.
    """

    as_of: str | None = None
    full_refresh: bool = False
    web_days: str | None = None
    accept_drop: bool = False
    wait_seconds: float = 900.0


def last_outcome_file(settings: Settings) -> Path:
    """Where the outcome of the last run is kept."""
    return settings.home / "logs" / "last_run.json"


def current_manifest(settings: Settings) -> Path:
    """Return dbt's manifest of the project as its files are now, parsed anew if one of them changed.

    Raises:
        ConfigurationError: dbt cannot parse the project; the message carries what dbt says.
    """
    command = [sys.executable, "-m", "assets.project", "--home", str(settings.home)]
    parsed = subprocess.run(command, cwd=settings.project, capture_output=True, text=True, check=False)
    if parsed.returncode:
        raise ConfigurationError(parsed.stderr.strip() or "dbt cannot parse the project")
    return Path(parsed.stdout.strip().splitlines()[-1])


def run_nightly(settings: Settings, options: RunOptions, on_progress: Progress) -> RunOutcome:
    """Run the nightly job to its end and return how it ended.

    Args:
        settings: Whose home.
        options: What the run is told.
        on_progress: Called with ``event`` and ``step`` when a step begins or ends, and with ``waiting``.

    Raises:
        ConfigurationError: The project's folder has no orchestration to start.
    """
    if not (settings.project / "assets" / "headless.py").exists():
        raise ConfigurationError(f"no assets/ in {settings.project}; set SAMTYKKE_PROJECT to the project's folder")
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = logs / f"run-{datetime.now():%Y%m%dT%H%M%S}-{os.getpid()}.log"
    with tempfile.TemporaryDirectory(dir=logs, prefix=".run-") as folder:
        result = Path(folder) / "outcome.json"
        status = _watch(_command(settings, options, result), settings, log, on_progress)
        outcome = RunOutcome.from_file(result) or RunOutcome(
            exit_code=ExitCode.BLOCKED, message=f"the run ended with status {status} and left no result; see {log}"
        )
        if outcome.run_id:
            partial = last_outcome_file(settings).with_suffix(".part")
            partial.write_text(outcome.to_json())
            os.replace(partial, last_outcome_file(settings))
    _drop_old_logs(logs)
    return outcome


def _command(settings: Settings, options: RunOptions, result: Path) -> list[str]:
    command = [sys.executable, "-m", "assets.headless", "--home", str(settings.home), "--result", str(result)]
    command += ["--landing", str(settings.drop_folder), "--wait", str(options.wait_seconds)]
    if options.as_of:
        command += ["--as-of", options.as_of]
    if options.web_days:
        command += ["--web-days", options.web_days]
    if options.full_refresh:
        command.append("--full-refresh")
    if options.accept_drop:
        command.append("--accept-drop")
    return command


def _watch(command: list[str], settings: Settings, log: Path, on_progress: Progress) -> int:
    """Run the command with its output in a log that only the owner may read; hand on its progress."""
    read_end, write_end = os.pipe()
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), "w") as output:
        process = subprocess.Popen(
            [*command, "--progress", str(write_end)],
            cwd=settings.project,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[write_end],
        )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as lines:
            for line in lines:
                on_progress(json.loads(line))
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise


def _drop_old_logs(logs: Path) -> None:
    for old in sorted(logs.glob("run-*.log"))[:-_KEPT_LOGS]:
        old.unlink(missing_ok=True)
