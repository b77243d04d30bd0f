"""What a segment declares: every mistake is an error that points at its line, never a property without effect."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
import yaml

from samtykke.segments.located import DefinitionError
from samtykke.segments.properties import read_properties, used_recipients

META = """version: 2
models:
  - name: readers
    config:
      meta:
        title: Readers
        owner: content
        why: They read.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "models" / "segments").mkdir(parents=True)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "recipients.csv").write_text("recipient,title\nmeta,Meta\ngoogle,Google\n")
    (tmp_path / "models" / "segments" / "readers.sql").write_text("select person_id from x")
    return tmp_path


def declare(project: Path, *lines: str) -> list:
    (project / "models" / "segments" / "s.yml").write_text(META + "".join(f"        {line}\n" for line in lines))
    return read_properties(project)


def test_every_property_is_read_and_none_is_needed(project: Path) -> None:
    (bare,) = declare(project)
    assert (bare.holdout_share, bare.priority, bare.destinations, bare.cap_count) == (0, 0, (), None)
    (full,) = declare(
        project,
        "ttl_days: 90",
        "renewed_on: 2026-05-01",
        "priority: -3",
        "exclusive_group: offers",
        "holdout_share: 0.1",
        "holdout_salt: spring",
        "frequency_cap: {audiences: 2, days: 7}",
        "hold_below_floor: true",
        "destinations: [google, meta]",
        "tests: {minimum_size: 100, maximum_daily_change: 0.5}",
    )
    assert (full.ttl_days, full.priority, full.exclusive_group, full.holdout_share) == (90, -3, "offers", 0.1)
    assert full.renewed_on == date(2026, 5, 1)
    assert (full.cap_count, full.cap_days, full.minimum_size, full.maximum_daily_change) == (2, 7, 100, 0.5)
    assert full.destinations == ("google", "meta") and full.hold_below_floor and full.holdout_salt == "spring"
    assert used_recipients(project) == ["google", "meta"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prioritty: 3", "9:9: unknown word 'prioritty'; did you mean 'priority'?"),
        ("destinations: [meta, gogle]", "9:30: destinations: unknown word 'gogle'; did you mean 'google'?"),
        ("destinations: [meta, meta]", "9:30: destinations: meta stands here twice"),
        ("destinations: [[meta], {a: b}]", "9:24: destinations: unknown word '['meta']'"),
        ("destinations: meta", "9:23: destinations: must be a list"),
        ("holdout_share: 10", "9:24: holdout_share: must be a share from 0 to below 1"),
        ("holdout_share: '0.1'", "9:24: holdout_share: must be a share"),
        ("ttl_days: yes", "9:19: ttl_days: must be a whole number"),
        ("ttl_days: 0", "9:19: ttl_days: must be a whole number from 1"),
        ("renewed_on: soon", "9:21: renewed_on: must be a day, for example 2026-03-01, not 'soon'"),
        ("renewed_on: 2026-05-01T10:00:00", "9:21: renewed_on: must be a day"),
        ("frequency_cap: {audiences: 2}", "9:24: needs audiences and days"),
        ("frequency_cap: 2", "9:24: needs keys and values"),
        ("tests: {minimum: 3}", "9:17: unknown word 'minimum'"),
        ("hold_below_floor: 1", "9:27: hold_below_floor: must be true or false"),
        ("title: again", "9:9: 'title' stands here twice"),
        ("exclusive_group: [a]", "9:26: exclusive_group: must be a text"),
        ("ttl_days: [", "not YAML"),
    ],
)
def test_a_mistake_points_at_its_line(project: Path, line: str, said: str) -> None:
    with pytest.raises(DefinitionError) as problem:
        declare(project, line)
    assert str(problem.value).startswith("models/segments/s.yml:") and said in str(problem.value)


@pytest.mark.parametrize("text", ["models:", "models: {}", "models: readers"])
def test_descriptions_that_are_no_list_are_told(project: Path, text: str) -> None:
    (project / "models" / "segments" / "s.yml").write_text(text)
    with pytest.raises(DefinitionError, match=r"s\.yml:1:\d: models: must be a list of descriptions"):
        read_properties(project)


def test_all_mistakes_are_told_at_once(project: Path) -> None:
    with pytest.raises(DefinitionError) as problem:
        declare(project, "ttl_days: x", "holdout_share: 2", "colour: red")
    assert len(str(problem.value).splitlines()) == 3


def test_a_segment_without_description_and_a_description_without_segment_are_errors(project: Path) -> None:
    (project / "models" / "segments" / "others.sql").write_text("select person_id from x")
    with pytest.raises(DefinitionError, match=r"others\.sql:1:1: segment others is not described"):
        declare(project)
    (project / "models" / "segments" / "others.sql").unlink()
    (project / "models" / "segments" / "readers.sql").unlink()
    with pytest.raises(DefinitionError, match=r"s\.yml:3:5: segment readers has no"):
        declare(project)
    with pytest.raises(DefinitionError, match="needs a why"):
        (project / "models" / "segments" / "readers.sql").write_text("")
        (project / "models" / "segments" / "s.yml").write_text(META.replace("        why: They read.\n", ""))
        read_properties(project)


def test_a_segment_that_is_not_listed_is_said_before_it_is_silently_left_out(project: Path) -> None:
    (project / "dbt_project.yml").write_text("vars:\n  segments:\n    - gone\n")
    with pytest.raises(DefinitionError) as said:
        declare(project)
    assert "dbt_project.yml:3:5: segment readers is not listed in vars: segments:" in str(said.value)
    assert "dbt_project.yml:3:7: segment gone has no models/segments/gone.sql" in str(said.value)


def test_every_reason_that_keeps_somebody_out_is_said_in_a_sentence() -> None:
    """What ``samtykke explain`` says of an audience; a reason without a sentence would be shown as a bare word."""
    root = Path(__file__).resolve().parents[2]
    models = yaml.safe_load((root / "models/marts/activation/_activation_marts__models.yml").read_text())["models"]
    (members,) = (model for model in models if model["name"] == "audience_members")
    (reason,) = (column for column in members["columns"] if column["name"] == "reason")
    (accepted,) = (test["accepted_values"] for test in reason["data_tests"] if "accepted_values" in test)
    with (root / "seeds/consent_reasons.csv").open(encoding="utf-8", newline="") as file:
        said = {row["reason"] for row in csv.DictReader(file) if row["says"]}
    assert set(accepted.get("arguments", accepted)["values"]) - {None} <= said
