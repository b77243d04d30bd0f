"""Run dbt unit tests on any SQL without dbt, so that a thousand mutants can meet them."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from samtykke.settings import Settings
from samtykke.storage.connect import open_home, prepare_home
from tests.dbt_process import run_dbt
from tests.properties.consent_sql import AS_OF


@dataclass(frozen=True)
class Project:
    """The project as dbt built it on an empty home.

    Attributes:
        manifest: dbt's manifest, with the compiled SQL.
        columns: Relation name as in the compiled SQL to its columns and their types.
    """

    manifest: dict[str, Any]
    columns: dict[str, dict[str, str]]

    @classmethod
    def build(cls, folder: Path) -> Project:
        """Build every model of the project on an empty home in a folder."""
        settings = Settings(home=folder / "home", pepper="a pepper of the tests")
        prepare_home(settings)
        command = ["build", "--exclude-resource-type", "test", "unit_test"]
        run_dbt(command, settings=settings, target=folder / "target", variables={"as_of": str(AS_OF)})
        manifest = json.loads((folder / "target" / "manifest.json").read_text())
        columns = {}
        with open_home(settings, read_only=True) as connection:
            for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
                if node["resource_type"] in ("model", "seed", "source"):
                    with suppress(duckdb.Error):
                        described = connection.execute(f"describe {node['relation_name']}").fetchall()
                        columns[node["relation_name"]] = {name: kind for name, kind, *_ in described}
        return cls(manifest, columns)

    def models(self, *folders: str) -> dict[str, str]:
        """The compiled SQL of the models under some folders, by name."""
        return {
            node["name"]: node["compiled_code"]
            for _, node in sorted(self.manifest["nodes"].items())
            if node["resource_type"] == "model" and node["original_file_path"].startswith(folders)
        }

    def relation(self, reference: str) -> str:
        """The relation of `ref('x')` or `source('x', 'y')`."""
        names = re.findall(r"'(\w+)'", reference)
        for node in (*self.manifest["nodes"].values(), *self.manifest["sources"].values()):
            if node["resource_type"] in ("model", "seed") and [node["name"]] == names:
                return node["relation_name"]
            if node["resource_type"] == "source" and [node["source_name"], node["name"]] == names:
                return node["relation_name"]
        raise KeyError(reference)


class UnitTest:
    """One unit test: its inputs in a database of their own, and the rows it expects."""

    def __init__(self, project: Project, test: dict[str, Any]) -> None:
        self.name = test["name"]
        variables = (test.get("overrides") or {}).get("vars", {})
        self.as_of, self.known_at = variables.get("as_of"), variables.get("known_at")
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'; attach ':memory:' as warehouse; attach ':memory:' as ledger")
        rows = test["expect"]["rows"]
        self.names = list(rows[0]) if rows else []
        (model,) = (n for n in project.manifest["nodes"].values() if n["name"] == test["model"])
        kinds = [project.columns[model["relation_name"]][name] for name in self.names]
        marks = ", ".join(f"cast(${number} as {kind})" for number, kind in enumerate(kinds, 1))
        self.expected = Counter(
            repr(self.connection.execute(f"select {marks}", [_given(row.get(name)) for name in self.names]).fetchone())
            for row in rows
        )
        self.kinds = kinds
        given = {project.relation(one["input"]): one for one in test["given"] if one["input"] != "this"}
        for key in model["depends_on"]["nodes"]:
            node = project.manifest["nodes"].get(key) or project.manifest["sources"][key]
            self._create(
                node["relation_name"], project.columns[node["relation_name"]], given.get(node["relation_name"])
            )

    def _create(self, relation: str, columns: dict[str, str], given: dict[str, Any] | None) -> None:
        self.connection.execute(f"create schema if not exists {relation.rpartition('.')[0]}")
        if given and given.get("format") == "sql":
            self.connection.execute(f"create table {relation} as {given['rows']}")
            return
        definition = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self.connection.execute(f"create table {relation} ({definition})")
        for row in given["rows"] if given else ():
            marks = ", ".join(f"cast(${number} as {columns[name]})" for number, name in enumerate(row, 1))
            values = [_given(value) for value in row.values()]
            self.connection.execute(f"insert into {relation} ({', '.join(row)}) values ({marks})", values)

    def passes(self, sql: str) -> bool:
        """Whether a model's SQL gives what is expected.

        Raises:
            duckdb.Error: It is no SQL.
        """
        if self.as_of:
            sql = sql.replace(f"'{AS_OF}'", f"'{datetime.fromisoformat(str(self.as_of))}'")
        if self.known_at:
            moment = f"timestamp '{datetime.fromisoformat(str(self.known_at))}'"
            sql = sql.replace("CAST('infinity' AS TIMESTAMP)", moment).replace("timestamp 'infinity'", moment)
        casts = ", ".join(f"cast({name} as {kind})" for name, kind in zip(self.names, self.kinds, strict=True))
        found = self.connection.execute(f"select {casts or 'null'} from ({sql})").fetchall()
        return Counter(map(repr, found)) == self.expected


def unit_tests(project: Project, models: set[str]) -> dict[str, list[UnitTest]]:
    """The unit tests of some models that can be run without dbt: those that override no more than the two clocks."""
    found: dict[str, list[UnitTest]] = {}
    for test in project.manifest["unit_tests"].values():
        overrides = test.get("overrides") or {}
        macros = {**overrides.get("macros", {})}
        is_first = macros.pop("is_incremental", False) is False  # as on an empty home
        others = {*macros, *overrides.get("env_vars", {}), *overrides.get("vars", {})} - {"as_of", "known_at"}
        if test["model"] in models and is_first and not others:
            found.setdefault(test["model"], []).append(UnitTest(project, test))
    return found


def _given(value: Any) -> Any:
    return value if value is None or isinstance(value, list | dict) else str(value)
