"""The seed of destinations says what the frozen specs say: dbt has floors from it, people read it.

After a change of a spec: ``SAMTYKKE_WRITE_GOLDEN=1 pytest tests/unit/test_export_formats.py``.
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from samtykke.activation.destinations import DESTINATIONS

SEED = Path(__file__).parents[2] / "seeds" / "export_formats.csv"
NAMES = (
    "export_format", "identifier_kinds", "header", "forms", "minimum_matched", "ttl_days_max", "modes", "max_rows",
    "requests_per_minute", "consent_fields", "is_asynchronous",
)  # fmt: skip


def rows():
    for name, spec in sorted(DESTINATIONS.items()):
        way = spec.interface
        yield (
            name, ";".join(spec.identifier_kinds), ",".join(spec.header), ";".join(spec.forms), spec.min_matched,
            spec.ttl_days_max, ";".join(way.modes), way.max_rows, way.requests_per_minute,
            ";".join(way.consent_fields), str(way.is_asynchronous).lower(),
        )  # fmt: skip


def test_the_seed_is_what_the_specs_say():
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([NAMES, *rows()])
    if os.environ.get("SAMTYKKE_WRITE_GOLDEN"):
        SEED.write_text(out.getvalue(), encoding="utf-8")
    assert SEED.read_text(encoding="utf-8") == out.getvalue()


def test_floors_and_limits_are_those_that_the_platforms_document():
    floors = {"meta": 100, "google": 100, "linkedin": 300, "tiktok": 1_000, "snapchat": 1_000, "pinterest": 100,
              "x": 100, "microsoft": 300, "ttd": 1_500}  # fmt: skip
    assert {name: DESTINATIONS[name].min_matched for name in floors} == floors
    batches = {"meta": 10_000, "google": 10_000, "linkedin": 5_000, "tiktok": 10_000, "snapchat": 100_000,
               "pinterest": 1_900, "x": 2_500, "klaviyo": 1_000, "mailchimp": 500, "braze": 75}  # fmt: skip
    assert {name: DESTINATIONS[name].interface.max_rows for name in batches} == batches
    rates = {"google": 300, "linkedin": 600, "tiktok": 3_000, "snapchat": 600, "pinterest": 420, "x": 1_500,
             "klaviyo": 150, "braze": 60_000}  # fmt: skip
    assert {name: DESTINATIONS[name].interface.requests_per_minute for name in rates} == rates
    kept = {"google": 540, "linkedin": 90, "x": 395, "ttd": 180}
    assert {name: spec.ttl_days_max for name, spec in DESTINATIONS.items() if spec.ttl_days_max} == kept
