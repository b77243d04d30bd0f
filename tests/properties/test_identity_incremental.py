"""People told night by night equal people told at once, row for row, and the people of an oracle of plain graphs."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt_process import Died
from tests.properties.identity_nights import Company, Nights, unequal

pytestmark = pytest.mark.timeout(900)
COMPANIES = int(os.environ.get("IDENTITY_COMPANIES", "3"))  # each half a minute of CPU


def test_a_night_equals_a_build_from_scratch_and_the_next_one_after_a_build_that_died(tmp_path: Path) -> None:
    home, company = Nights(tmp_path), Company(random.Random(20260601), 40)
    company.bring(home, 0)
    home.night(0)
    company.bring(home, 1)
    before = shutil.copy(home.settings.warehouse, tmp_path / "before")
    home.night(1)
    anew, records = home.told_anew()
    assert 0 < anew < records
    by_night = home.kept()
    # half of the guards of this night, the people of the last one: nobody may go on from there
    shutil.copy(before, home.settings.warehouse)
    with pytest.raises(Died):
        home.night(1, dies_after="int_identity__shared_identifiers")
    assert unequal(by_night, home.kept()) != []
    home.night(1)
    assert home.told_anew() == (records, records)
    assert unequal(by_night, home.kept()) == []


@pytest.mark.slow
@settings(
    max_examples=COMPANIES, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(chance=st.randoms(use_true_random=False))
def test_nights_equal_a_build_from_scratch(tmp_path_factory, chance: random.Random) -> None:
    home, company = Nights(tmp_path_factory.mktemp("nights")), Company(random.Random(chance.random()), 24)
    for night in range(4):
        company.bring(home, night)
        home.night(night)
        anew, records = home.told_anew()
        assert not night or anew < records
    by_night = home.kept()
    home.night(3, "--full-refresh")
    assert unequal(by_night, home.kept()) == []
