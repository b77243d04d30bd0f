"""The dbt project on disk: how a dbt process is started on it, and whether its files have changed."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from samtykke.settings import SECRET_PREFIX, Settings


def dbt_executable() -> str:
    """The dbt of this Python's environment, whether or not that is activated."""
    beside = Path(sys.executable).with_name("dbt")
    return str(beside) if beside.exists() else "dbt"


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Return what a dbt process starts with: its home and company, no telemetry, and no secret: it needs none."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "SAMTYKKE_PEPPER" and not name.startswith(SECRET_PREFIX)
    }
    return kept | {
        "SAMTYKKE_HOME": str(settings.home),
        "SAMTYKKE_MEMORY_LIMIT": settings.memory_limit,
        "SAMTYKKE_CONTROLLER": settings.controller,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def fingerprint(project: Path, folders: Iterable[str], *more: str) -> str:
    """Return a digest of path, size and change time of the project's YAML and of every file in some of its folders.

    Args:
        project: The project's root.
        folders: Relative to it.
        more: What else the result stands for.
    """
    files = [*project.glob("*.yml"), *(path for name in folders for path in (project / name).rglob("*"))]
    lines = [
        f"{path.relative_to(project)}|{path.stat().st_size}|{path.stat().st_mtime_ns}"
        for path in sorted(files)
        if path.is_file()
    ]
    return hashlib.sha256("\n".join([*more, *lines]).encode()).hexdigest()
