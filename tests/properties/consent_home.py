"""A home on which real dbt builds the consent models again and again, parsed once."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb

from samtykke.settings import Settings, load_settings
from samtykke.storage.connect import prepare_home
from tests.properties.consent_sql import ROOT, SEEDS, ConsentModels

# One process that keeps the parsed project, because a parse takes longer than a build of these few rows, and a child of
# it per build, because a process that has opened the home's file keeps it to itself.
_SERVER = """
import json, os, sys
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
project = ["--project-dir", sys.argv[1], "--profiles-dir", sys.argv[1], "--quiet", "--no-write-json"]
manifest = Manifest.from_msgpack(open(sys.argv[2], "rb").read())
manifest.build_flat_graph()
for line in sys.stdin:
    if os.fork():
        os.wait()
        print("built", flush=True)
        continue
    asked = json.loads(line)
    arguments = ["run", *project, "--vars", json.dumps(asked["vars"]), *asked["arguments"]]
    done = dbtRunner(manifest=manifest).invoke(arguments)
    results = getattr(done.result, "results", [])
    failed = [f"{result.node.name}: {result.message}" for result in results if result.status != "success"]
    print("answer " + json.dumps([bool(done.success), failed, str(done.exception or "")]), flush=True)
    os._exit(0)
"""
MODELS = (
    "path:models/staging/consent", "path:models/intermediate/consent", "stg_crm__contacts", "stg_landing__identifiers",
)  # fmt: skip
INPUTS = ("ledger.tombstones", "raw.notices", "raw.suppressions", "raw.contacts", "raw.email_events")


class DbtServer:
    """A process that keeps the parsed project and runs models on a home.

    Args:
        folder: Where dbt's files go.
        parsed: The folder of `compile_models`.
        settings: Whose home.
    """

    def __init__(self, folder: Path, parsed: Path, settings: Settings) -> None:
        target = {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "target")}
        self._dbt = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(ROOT), str(parsed / "target" / "partial_parse.msgpack")],
            env=os.environ | target | {"SAMTYKKE_HOME": str(settings.home)},
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def close(self) -> None:
        self._dbt.stdin.close()
        self._dbt.wait()

    def run(self, arguments: list[str], variables: dict[str, object]) -> None:
        """Run ``dbt run``.

        Raises:
            AssertionError: dbt failed.
        """
        print(json.dumps({"vars": variables, "arguments": arguments}), file=self._dbt.stdin, flush=True)
        said = list(itertools.takewhile(lambda line: line != "built\n", self._dbt.stdout))
        answer = next((line for line in said if line.startswith("answer ")), 'answer [false, [], "ended"]')
        success, failed, exception = json.loads(answer.removeprefix("answer "))
        assert success, (failed, exception)


class ConsentHome:
    """A home with reference data, and a dbt process.

    Args:
        folder: Where the home and dbt's files go.
        parsed: The folder of `compile_models`.
        reference: Whose reference data, inputs and links between people are taken.
    """

    def __init__(self, folder: Path, parsed: Path, reference: ConsentModels) -> None:
        self.settings = load_settings(home=folder / "home")
        prepare_home(self.settings)
        self.reference = reference
        with self.connect() as connection:
            connection.execute("create schema reference; create schema intermediate")
            for name in SEEDS:
                self._copy(connection, f"reference.{name}")
            connection.execute("create table purposes_as_they_were as select * from reference.purposes")
            for name in ("person_identifiers", "person_links"):
                self._copy(connection, f"intermediate.int_identity__{name}")
        self._dbt = DbtServer(folder, parsed, self.settings)

    def close(self) -> None:
        self._dbt.close()

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.settings.warehouse))
        connection.execute(f"set TimeZone = 'UTC'; attach '{self.settings.ledger}' as ledger")
        return connection

    def execute(self, sql: str) -> None:
        with self.connect() as connection:
            connection.execute(sql)

    def _copy(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        rows = self.reference.connection.execute(f"select * from {table}").to_arrow_table()
        connection.register("copied", rows)
        connection.execute(f"create or replace table {table} as select * from copied")
        connection.unregister("copied")

    def build(self, *, select: tuple[str, ...] = MODELS, **variables: object) -> None:
        """Run the models as dbt runs them, incrementally where they are.

        Raises:
            AssertionError: dbt failed.
        """
        self._dbt.run(["--select", *select], variables)
