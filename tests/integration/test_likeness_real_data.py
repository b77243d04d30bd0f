"""The comparison on records that nobody here wrote: ahead of plain Splink as its own documentation sets it."""

from __future__ import annotations

import pytest

from bench.identity_records import compared_with_plain_splink
from bench.identity_sets import Records, sets

pytestmark = [pytest.mark.slow, pytest.mark.real_data]


@pytest.mark.parametrize("name", ["FEBRL 1", "fake_1000", "historical_people"])
def test_ahead_of_plain_splink(name: str) -> None:
    found = {one.name: one for one in sets() if isinstance(one, Records)}
    if name not in found:
        pytest.skip(f"real data not found: {name}; set SAMTYKKE_REAL_DATA")
    plain, ours = compared_with_plain_splink(found[name])
    assert ours["f1"] > plain["f1"]
    assert ours["b3"] > plain["b3"]
