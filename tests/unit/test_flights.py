"""A flight asked for on the command line runs on the models' own SQL; a project's seeds are its parameters."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from samtykke.campaign.flights import Flight, plan_flight
from samtykke.cli import app
from samtykke.settings import ConfigurationError, Settings

PROJECT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 1, 12)


def flight(**given) -> Flight:
    week = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 8)}
    return Flight(**{"recipient": "meta", "ads": 5, "people": 10_000, **week, **given})


def test_ten_thousand_people_and_five_ads_cost_two_thousand_five_hundred_kroner(tmp_path: Path) -> None:
    row = plan_flight(Settings(home=tmp_path / "none"), flight(), today=NOON)
    assert (row["minimum_budget"], row["currency"], row["problems"]) == (2500, "DKK", [])
    assert row["expected_matched"] == 7000 and row["basis"] == "prior"
    assert not (tmp_path / "none").exists()


def test_every_parameter_is_a_seed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("seeds", "macros", "models/activation", "models/marts/activation"):
        shutil.copytree(PROJECT / name, project / name)
    shutil.copy(PROJECT / "dbt_project.yml", project)
    rules = project / "seeds" / "flight_rules.csv"
    rules.write_text(rules.read_text() + "meta,4,EUR,500,3,2,0.5,1,ours\n")
    (project / "seeds" / "audience_expectations.csv").write_text(
        "recipient,prior_match_share,business_minimum,low_match_share,fresh_days,largest_drop,report_days,"
        "reports_needed,source\n*,0.4,4001,0.7,180,0.2,90,3,ours\n"
    )
    settings = Settings(home=tmp_path / "none", project=project)
    row = plan_flight(settings, flight(budget=399.99, expected_impressions=9000, expected_reach=4500), today=NOON)
    assert (row["minimum_budget"], row["currency"], row["expected_matched"]) == (400, "EUR", 4000)
    assert row["problems"] == ["below_business_minimum", "flight_too_long", "budget_below_minimum"]
    crowded = plan_flight(settings, flight(expected_impressions=12_000, expected_reach=5001), today=NOON)
    assert {"frequency_above_cap", "audience_saturated"} <= set(crowded["problems"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"recipient": "mata"}, "did you mean 'meta'"),
        ({"people": None, "segment": "jeans"}, "nothing has been built"),
        ({"segment": "jeans"}, "--segment"),
    ],
)
def test_what_cannot_be_planned_is_said(tmp_path: Path, given: dict, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        plan_flight(Settings(home=tmp_path / "none"), flight(**given), today=NOON)


def test_the_command_ends_with_one_if_something_is_wrong(tmp_path: Path) -> None:
    asked = ["campaign", "plan", "--home", str(tmp_path / "none"), "--recipient", "meta", "--people", "10000"]
    good = CliRunner().invoke(app, [*asked, "--ads", "5", "--budget", "335.22", "--currency", "EUR", "--json"])
    assert good.exit_code == 0 and json.loads(good.stdout)["minimum_budget"] == pytest.approx(335.22)
    long = CliRunner().invoke(app, [*asked, "--ads", "5", "--days", "8"])
    assert long.exit_code == 1 and "flight too long" in long.stdout
