"""People told night by night equal people told at once, row for row, and the people of an oracle of plain graphs."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties.identity_nights import Company, Nights, unequal

pytestmark = pytest.mark.timeout(900)
COMPANIES = int(os.environ.get("IDENTITY_COMPANIES", "1"))  # each some seconds of CPU


@pytest.fixture(scope="module")
def home(compiled_consent, compiled_folder: Path, tmp_path_factory):
    home = Nights(tmp_path_factory.mktemp("nights"), compiled_folder)
    yield home
    home.close()


@pytest.mark.slow
@settings(
    max_examples=COMPANIES, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(chance=st.randoms(use_true_random=False))
def test_nights_equal_a_build_from_scratch(home: Nights, chance: random.Random) -> None:
    company = Company(random.Random(chance.random()), 24)
    for night in range(4):
        company.bring(home, night)
        home.night(night)
        anew, records = home.told_anew()
        assert night < 2 or anew < records  # the night after a past one tells everybody
    by_night = home.kept()
    home.night(3, "--full-refresh")
    assert unequal(by_night, home.kept()) == []
