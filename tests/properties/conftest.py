from __future__ import annotations

import pytest

from tests.properties.consent_sql import ConsentModels, compile_models
from tests.properties.consent_world import seed_texts


@pytest.fixture(scope="session")
def compiled_consent(tmp_path_factory):
    """The consent models as dbt compiles them, and the types of their seeds."""
    return compile_models(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def models(compiled_consent):
    """The models on the reference data of the generated histories."""
    return ConsentModels(*compiled_consent, seeds=seed_texts())


@pytest.fixture(scope="session")
def shipped_models(compiled_consent):
    """The models on the project's own reference data."""
    return ConsentModels(*compiled_consent)
