"""One home, one parse of the dbt project and one small sample for all tests of the orchestration."""

from __future__ import annotations

import json
from collections.abc import Iterator

import dagster as dg
import pytest

from assets.definitions import build_definitions
from samtykke.sample import generate
from samtykke.settings import Settings, load_settings
from tests.orchestration.nightly_home import Nightly

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


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> Nightly:
    """A home with a small sample in its drop folder."""
    folder = tmp_path_factory.mktemp("nightly")
    landing = folder / "landing"
    generate(landing, people=PEOPLE, seed=11)
    as_of = json.loads((landing / "SAMPLE.json").read_text())["as_of"]
    return Nightly(folder / "home", landing, as_of)
