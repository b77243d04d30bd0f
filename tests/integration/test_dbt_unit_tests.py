"""Every dbt unit test, on a home that has just been created: each rule on the smallest rows that show it."""

import json

from samtykke.settings import Settings
from samtykke.storage.connect import prepare_home
from tests.dbt_process import parsed, run_dbt


def test_every_dbt_unit_test_passes_and_an_empty_home_builds(tmp_path):
    settings = Settings(home=tmp_path / "home", pepper="a pepper of the tests")
    prepare_home(settings)
    target = tmp_path / "target"
    command = ["build", "--exclude-resource-type", "test"]
    run_dbt(command, settings=settings, target=target, variables={"as_of": "2026-01-01 00:00:00"})
    results = json.loads((target / "run_results.json").read_text())["results"]
    declared = json.loads((parsed() / "manifest.json").read_text())["unit_tests"]
    passed = {result["unique_id"] for result in results if result["status"] == "pass"}
    assert declared and set(declared) <= passed
