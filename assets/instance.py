"""The Dagster instance of a home. ``python -m assets.instance`` prepares it and prints its folder (DAGSTER_HOME)."""

from __future__ import annotations

import shutil
from pathlib import Path

from samtykke.settings import Settings, load_settings

_TEMPLATE = Path(__file__).with_name("dagster.yaml")


def prepare_instance(settings: Settings) -> Path:
    """Create ``<home>/dagster`` with the project's ``dagster.yaml``; a file that the user changed is kept."""
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "dagster.yaml").exists():
        shutil.copy(_TEMPLATE, folder / "dagster.yaml")
    return folder


if __name__ == "__main__":
    print(prepare_instance(load_settings()))
