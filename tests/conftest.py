"""What every test shares."""

import os
import tempfile

import pytest
from hypothesis import settings

# The same commit draws the same examples: a failure is one for everybody. `make prove` draws others.
settings.register_profile("suite", derandomize=True)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Let all processes of the run share what dbt parses (tests/dbt_process.py); it goes when the run ends."""
    if not hasattr(config, "workerinput"):
        shared = tempfile.TemporaryDirectory(prefix="parsed-", ignore_cleanup_errors=True)
        os.environ["TESTS_PARSED"] = shared.name
        config.add_cleanup(shared.cleanup)
