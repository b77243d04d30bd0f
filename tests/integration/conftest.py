"""What several modules look at, made once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from explain_home import ExplainHome

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> ExplainHome:
    """A company whose people have said something under every rule."""
    folder = tmp_path_factory.mktemp("explain")
    return ExplainHome(folder / "home", folder / "target")


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The project, parsed once for all tests that read its graph or its labels."""
    target = tmp_path_factory.mktemp("target")
    dbt = Path(sys.executable).with_name("dbt")
    environment = {
        **os.environ,
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
        "SAMTYKKE_HOME": str(target),
    }
    parsed = subprocess.run(
        [dbt, "parse", "--profiles-dir", "."], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    assert parsed.returncode == 0, parsed.stdout
    return json.loads((target / "manifest.json").read_text())
