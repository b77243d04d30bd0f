"""Check the set-up of a home before trusting it with people's data."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from importlib import metadata
from pathlib import Path

from samtykke.activation.destinations import destination
from samtykke.activation.targets import Target, read_deliveries, secret_variable, target
from samtykke.findings import Finding
from samtykke.settings import SECRET_PREFIX, Settings

_PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "dagster-dbt", "great-expectations")
_LEAST_FREE_BYTES = 1 << 30


def examine(settings: Settings) -> list[Finding]:
    """Look at versions, project, folders, permissions and disk space; change nothing."""
    return [
        _python(),
        *_versions(),
        _project(settings.project),
        _writable(settings.home),
        _private(settings.home),
        _drop_folder(settings.drop_folder),
        _pepper(settings),
        *_deliveries(settings),
        _disk(settings.home),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", (3, 11) <= sys.version_info[:2] < (3, 13), version, "use Python 3.11 or 3.12")


def _versions() -> list[Finding]:
    findings = []
    for package in _PACKAGES:
        try:
            findings.append(Finding(package, True, metadata.version(package)))
        except metadata.PackageNotFoundError:
            findings.append(Finding(package, False, "not installed", "run: make setup"))
    return findings


def _project(project: Path) -> Finding:
    missing = [name for name in ("dbt_project.yml", "assets", "expectations", "seeds") if not (project / name).exists()]
    says = f"{project} lacks {', '.join(missing)}" if missing else str(project)
    return Finding("project", not missing, says, "set SAMTYKKE_PROJECT to the folder of dbt_project.yml")


def _writable(home: Path) -> Finding:
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    return Finding("home", os.access(nearest, os.W_OK), str(home), f"make {nearest} writable, or choose another --home")


def _private(home: Path) -> Finding:
    if not home.exists():
        return Finding("privacy of the home", True, "created private by the first run")
    open_files = [name for name in ("vault.duckdb", "ledger.duckdb", "pepper.key") if _others_may_read(home / name)]
    return Finding(
        "privacy of the home",
        not open_files,
        f"others may read {', '.join(open_files)}"
        if open_files
        else "only its owner can read vault, ledger and pepper",
        f"chmod 600 {' '.join(str(home / name) for name in open_files)}",
    )


def _others_may_read(file: Path) -> bool:
    return file.exists() and bool(file.stat().st_mode & 0o077)


def _drop_folder(folder: Path) -> Finding:
    if not folder.exists():
        return Finding("drop folder", True, f"{folder} is created by the first run")
    return Finding("drop folder", os.access(folder, os.R_OK | os.X_OK), str(folder), f"make {folder} readable")


def _pepper(settings: Settings) -> Finding:
    if settings.pepper is not None:
        long_enough = len(settings.pepper.get_secret_value()) >= 32
        return Finding("pepper", long_enough, "from SAMTYKKE_PEPPER", "use at least 32 random characters")
    where = "kept in the home" if (settings.home / "pepper.key").exists() else "drawn by the first run"
    return Finding("pepper", True, f"{where}; back it up apart from the data")


def _deliveries(settings: Settings) -> list[Finding]:
    """Say per recipient with an interface what it lacks, by the name to set; never a value."""
    seed = settings.project / "seeds" / "recipients.csv"
    if not seed.exists():
        return []
    with seed.open(encoding="utf-8", newline="") as file:
        formats = {row["recipient"]: row["export_format"] for row in csv.DictReader(file)}
    try:
        named = read_deliveries(settings)
        reached = {name: target(settings, name, destination(formats[name])) for name in formats if name in named}
    except ValueError as problem:
        return [Finding("deliveries", False, str(problem), f"mend {settings.deliveries_file}")]
    found = []
    if strangers := sorted(set(named) - set(formats)):
        found.append(Finding("deliveries", False, f"no recipient {', '.join(strangers)}", "see seeds/recipients.csv"))
    for name, to in reached.items():
        missing = to.missing() if to else []
        says = f"lacks {', '.join(missing)}" if missing else ("sent to its interface" if to else "files")
        found.append(Finding(f"delivery to {name}", not missing, says, f"set {', '.join(missing)}"))
    return found + _lost_secrets(reached)


def _lost_secrets(reached: dict[str, Target | None]) -> list[Finding]:
    known = {secret_variable(name, secret) for name, to in reached.items() if to for secret in to.interface.secrets}
    lost = sorted(name for name in os.environ if name.startswith(SECRET_PREFIX) and name not in known)
    return (
        [Finding("secrets", False, f"{', '.join(lost)}: no recipient reads it", "see deliveries.yml")] if lost else []
    )


def _disk(home: Path) -> Finding:
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    used = sum(file.stat().st_size for file in home.glob("*.duckdb")) if home.exists() else 0
    return Finding(
        "disk",
        free > max(_LEAST_FREE_BYTES, used),
        f"{free / 1e9:.1f} GB free, databases {used / 1e9:.1f} GB",
        "free space: an erasure rewrites the databases and needs as much again",
    )
