"""Every dbt unit test, on a home that has just been created: each rule on the smallest rows that show it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from samtykke.settings import Settings
from samtykke.storage.connect import prepare_home

PROJECT = Path(__file__).resolve().parents[2]


def test_every_dbt_unit_test_passes_and_an_empty_home_builds(tmp_path):
    settings = Settings(home=tmp_path / "home", pepper="a pepper of the tests")
    prepare_home(settings)
    target = tmp_path / "target"
    done = subprocess.run(
        [
            *(sys.executable, "-c", "import sys; from dbt.cli.main import cli; cli(sys.argv[1:])", "--no-use-colors"),
            *("build", "--exclude-resource-type", "test", "--vars", "{as_of: '2026-01-01 00:00:00'}"),
            *("--profiles-dir", str(PROJECT)),
        ],
        cwd=PROJECT,
        env=os.environ
        | {"SAMTYKKE_HOME": str(settings.home), "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    results = json.loads((target / "run_results.json").read_text())["results"]
    declared = json.loads((target / "manifest.json").read_text())["unit_tests"]
    passed = {result["unique_id"] for result in results if result["status"] == "pass"}
    assert declared and set(declared) <= passed
