"""The words a segment's tree may use: events of ``seeds/segment_events.csv``, columns of the marts' contracts.

A new column of a mart is a word at once; a new kind of event is a row of the seed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from samtykke.settings import ConfigurationError

SEED = Path("seeds") / "segment_events.csv"
PERSON = "person_id"
PROFILE = "customer_profile"


class Kind(Enum):
    """What can be asked of a column."""

    TEXT = "a text"
    NUMBER = "a number"
    TRUTH = "true or false"
    TIME = "a time"
    LIST = "a list"
    OTHER = "a value that only can be known or not"


@dataclass(frozen=True)
class Column:
    """A column of a mart's contract; a consent fact may not be asked for."""

    name: str
    kind: Kind
    is_consent: bool


@dataclass(frozen=True)
class Mart:
    """A public mart with a person in it."""

    name: str
    columns: Mapping[str, Column]
    is_per_person: bool


@dataclass(frozen=True)
class Event:
    """What people do: rows of a mart, when, counted by which key, and which rows are such events at all."""

    name: str
    mart: Mart
    occurred_at: str
    unit: tuple[str, ...]
    only: tuple[tuple[str, str], ...]
    country: str | None
    title: str


@dataclass(frozen=True)
class Vocabulary:
    """All words, and the seasons of the project's seeds."""

    marts: Mapping[str, Mart]
    events: Mapping[str, Event]
    season_months: Mapping[tuple[str, str], tuple[int, ...]]
    southern_countries: tuple[str, ...]

    @cached_property
    def traits(self) -> dict[str, tuple[Mart, Column]]:
        """What can be said of a person once: columns of the profile, and ``mart.column`` of marts of one row each."""
        found = {}
        for mart in self.marts.values():
            if mart.is_per_person:
                for column in mart.columns.values():
                    found[f"{mart.name}.{column.name}"] = (mart, column)
                    if mart.name == PROFILE:
                        found[column.name] = (mart, column)
        return found

    @property
    def seasons(self) -> set[str]:
        return {season for _, season in self.season_months}


def read_vocabulary(project: Path) -> Vocabulary:
    """Read the words of a project.

    Args:
        project: Folder of ``dbt_project.yml``.

    Raises:
        ConfigurationError: The seed names a mart or a column that no contract has.
    """
    marts = _marts(project)
    with (project / SEED).open(encoding="utf-8", newline="") as file:
        events = {row["event"]: _event(row, marts) for row in csv.DictReader(file)}
    with (project / "seeds" / "season_months.csv").open(encoding="utf-8", newline="") as file:
        months: dict[tuple[str, str], list[int]] = {}
        for row in csv.DictReader(file):
            months.setdefault((row["hemisphere"], row["season"]), []).append(int(row["month"]))
    with (project / "seeds" / "southern_countries.csv").open(encoding="utf-8", newline="") as file:
        southern = tuple(sorted(row["country"] for row in csv.DictReader(file)))
    return Vocabulary(marts, events, {key: _in_a_row(value) for key, value in months.items()}, southern)


def _marts(project: Path) -> dict[str, Mart]:
    """Marts with a person, but for those made from segments: they cannot decide who is in one."""
    found = {}
    for file in sorted((project / "models" / "marts").rglob("*.yml")):
        if "activation" in file.parts:
            continue
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", []):
            described = {column["name"]: column for column in model.get("columns", [])}
            if PERSON in described:
                columns = {
                    name: Column(name, _kind(str(column.get("data_type", ""))), _category(column) == "consent")
                    for name, column in described.items()
                    if name != PERSON
                }
                tests = described[PERSON].get("data_tests", [])
                found[model["name"]] = Mart(model["name"], columns, "unique" in tests)
    return found


def _category(column: Mapping[str, Any]) -> str | None:
    meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
    return meta.get("category")


def _kind(data_type: str) -> Kind:
    if data_type.endswith("[]"):
        return Kind.LIST
    name = data_type.split("(")[0]
    if name in ("tinyint", "smallint", "integer", "bigint", "hugeint", "decimal", "double", "float"):
        return Kind.NUMBER
    return {"varchar": Kind.TEXT, "boolean": Kind.TRUTH, "timestamp": Kind.TIME, "date": Kind.TIME}.get(
        name, Kind.OTHER
    )


def _event(row: Mapping[str, str], marts: Mapping[str, Mart]) -> Event:
    mart = marts.get(row["mart"])
    if mart is None:
        raise ConfigurationError(f"{SEED}: event {row['event']}: no public mart {row['mart']} with a {PERSON}")
    unit = tuple(filter(None, row["unit"].split(";")))
    only = tuple(tuple(part.split("=", 1)) for part in filter(None, row["only"].split(";")))
    country = row["country"] or None
    named = {row["occurred_at"], *unit, *(name for name, _ in only), *filter(None, [country])}
    if missing := sorted(named - set(mart.columns)):
        raise ConfigurationError(f"{SEED}: event {row['event']}: {mart.name} has no column {', '.join(missing)}")
    return Event(row["event"], mart, row["occurred_at"], unit, only, country, row["title"])


def _in_a_row(months: list[int]) -> tuple[int, ...]:
    """Months in the order in which they follow each other, across the new year if they must."""
    first = next(month for month in sorted(months) if (month - 2) % 12 + 1 not in months or len(months) == 12)
    return tuple((first + step - 1) % 12 + 1 for step in range(len(months)))
