"""The dbt project as Dagster sees it: a manifest kept in the home, parsed again when a file of the project changed.

Started as a module it prints where that manifest is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from dagster_dbt import DbtProject

from samtykke.project import dbt_environment, dbt_executable, fingerprint
from samtykke.settings import ConfigurationError, Settings, load_settings
from samtykke.storage.lock import file_lock

_SOURCES = ("models", "seeds", "macros", "tests/dbt")


def run_target(settings: Settings) -> Path:
    """Where the dbt of a run writes: artefacts and logs; kept between runs for partial parsing."""
    return settings.home / "dbt" / "target"


def docs_target(settings: Settings) -> Path:
    """Where dbt docs are made; the run's target, so that they are parsed once."""
    return run_target(settings)


def prepared_project(settings: Settings, *, variables: dict[str, str] | None = None) -> DbtProject:
    """Return the project with a manifest that matches its files.

    Args:
        settings: Whose home holds the manifest.
        variables: dbt variables of the run to come: dbt parses anew when they change, so a first parse with them
            is the run's parse too.

    Raises:
        ConfigurationError: dbt cannot parse the project; the message carries what dbt says.
    """
    folder = settings.home / "dbt"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file_lock(folder / "manifest.lock"):
        digest = fingerprint(settings.project, _SOURCES)
        stamp = folder / "manifest.fingerprint"
        manifest = folder / "manifest" / "manifest.json"
        if not (manifest.exists() and stamp.exists() and stamp.read_text() == digest):
            _parse(settings, variables or {})
            manifest.parent.mkdir(exist_ok=True)
            partial = manifest.with_suffix(".part")
            shutil.copy(run_target(settings) / "manifest.json", partial)
            os.replace(partial, manifest)
            stamp.write_text(digest)
    return DbtProject(project_dir=settings.project, target_path=manifest.parent, profiles_dir=settings.project)


def read_manifest(project: DbtProject) -> dict[str, Any]:
    """Return the project's manifest, ready for the cautious selectors of ``selectors.yml``.

    dagster-dbt selects over bare dictionaries and does not give them this property of dbt's own nodes.
    """
    manifest = json.loads(project.manifest_path.read_bytes())
    for node in manifest["nodes"].values():
        node["depends_on_nodes"] = node.get("depends_on", {}).get("nodes", [])
    return manifest


def _parse(settings: Settings, variables: dict[str, str]) -> None:
    target = str(run_target(settings))
    command = [dbt_executable(), "--no-use-colors", "parse", "--quiet", "--target-path", target, "--log-path", target]
    command += ["--project-dir", str(settings.project), "--profiles-dir", str(settings.project)]
    outcome = subprocess.run(
        [*command, "--vars", json.dumps(variables)],
        cwd=settings.project,
        env=dbt_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode:
        raise ConfigurationError(f"dbt cannot parse the project:\n{outcome.stdout.strip()[-2000:]}")


def main(arguments: list[str] | None = None) -> int:
    """Print where the manifest of the project is, as its files are now."""
    parser = argparse.ArgumentParser(prog="python -m assets.project", description=__doc__)
    parser.add_argument("--home")
    try:
        project = prepared_project(load_settings(home=parser.parse_args(arguments).home))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    print(project.manifest_path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
