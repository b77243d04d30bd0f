"""What several modules look at, made once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from explain_home import ExplainHome

from tests.dbt_process import parsed


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> ExplainHome:
    """A company whose people have said something under every rule."""
    folder = tmp_path_factory.mktemp("explain")
    return ExplainHome(folder / "home", folder / "target")


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """The project, parsed once for all tests that read its graph or its labels."""
    return json.loads((parsed() / "manifest.json").read_text())
