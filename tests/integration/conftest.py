"""Homes that several modules look at, built once."""

from __future__ import annotations

import pytest
from explain_home import ExplainHome


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> ExplainHome:
    """A company whose people have said something under every rule."""
    folder = tmp_path_factory.mktemp("explain")
    return ExplainHome(folder / "home", folder / "target")
