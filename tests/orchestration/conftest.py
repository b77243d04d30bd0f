"""One home, one parse of the dbt project and one small sample for all tests of the orchestration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import build_definitions
from samtykke.sample import generate
from samtykke.settings import Settings, load_settings

PROJECT = Path(__file__).resolve().parents[2]
PEOPLE = 400


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a home that only the definitions use; nothing runs there."""
    home = tmp_path_factory.mktemp("definitions") / "home"
    patch = pytest.MonkeyPatch()
    patch.setenv("SAMTYKKE_HOME", str(home))
    patch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
    yield load_settings()
    patch.undo()


@pytest.fixture(scope="session")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


@pytest.fixture(scope="session")
def graph(definitions: dg.Definitions) -> dg.AssetGraph:
    return definitions.resolve_asset_graph()


@dataclass(frozen=True)
class Ran:
    """One `samtykke run`: how it ended, what it printed as JSON, and its words on standard error."""

    exit_code: int
    content: dict
    errors: str


@dataclass(frozen=True)
class Nightly:
    """A home with a small sample in its drop folder."""

    home: Path
    landing: Path
    as_of: str

    def run(self, *arguments: str) -> Ran:
        """Run the command line as a user does, from outside the project."""
        command = [sys.executable, "-m", "samtykke", "run", "--home", str(self.home), "--landing", str(self.landing)]
        done = subprocess.run(
            [*command, "--as-of", self.as_of, "--json", *arguments],
            cwd=self.landing.parent,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "SAMTYKKE_SETTLE_SECONDS": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        content = json.loads(done.stdout) if done.stdout.strip() else {}
        return Ran(done.returncode, content, done.stderr)


@pytest.fixture(scope="session")
def make_nightly(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Nightly]:
    def make() -> Nightly:
        folder = tmp_path_factory.mktemp("nightly")
        landing = folder / "landing"
        generate(landing, people=PEOPLE, seed=11)
        as_of = json.loads((landing / "SAMPLE.json").read_text())["as_of"]
        return Nightly(folder / "home", landing, as_of)

    return make


@pytest.fixture(scope="module")
def nightly(make_nightly: Callable[[], Nightly]) -> Nightly:
    return make_nightly()
