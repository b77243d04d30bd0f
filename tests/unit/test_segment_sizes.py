"""A segment that shrinks or changes more than it declares is told, and only then."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from samtykke.publish import publish_marts
from samtykke.segments.properties import SegmentProperties
from samtykke.segments.record import property_rows
from samtykke.segments.sizes import measure_segments
from samtykke.settings import Settings
from samtykke.storage.connect import open_home, prepare_home


def fill(settings: Settings, **segments: range) -> None:
    with open_home(settings) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create or replace table marts.segment_members (segment varchar, person_id uuid)")
        for segment, people in segments.items():
            connection.execute(
                "insert into marts.segment_members select $1, md5(unnest($2)::varchar)::uuid", [segment, list(people)]
            )


def test_size_and_change_are_told_against_the_marts_published_last(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, pepper="a pepper of the tests")
    prepare_home(settings)
    declared = [
        SegmentProperties("calm", "t", "o", "w", minimum_size=10, maximum_daily_change=0.5),
        SegmentProperties("emptied", "t", "o", "w", maximum_daily_change=0.5),
        SegmentProperties("fresh", "t", "o", "w", minimum_size=3, maximum_daily_change=0.1),
        SegmentProperties("swapped", "t", "o", "w", maximum_daily_change=0.5),
        SegmentProperties("undemanding", "t", "o", "w"),
    ]
    with open_home(settings) as connection:
        connection.executemany(
            f"insert into lineage.segment_properties values ({', '.join('?' * 16)})", property_rows(declared)
        )
    fill(settings, calm=range(10), emptied=range(4), swapped=range(10), undemanding=range(10))
    assert not [item for item in measure_segments(settings) if item.problems and item.segment != "fresh"]
    publish_marts(settings, as_of=datetime(2026, 1, 1))
    # the same number of people, but other people
    fill(settings, calm=range(5, 15), fresh=range(2), swapped=range(6, 16), undemanding=range(100, 101))
    told = {item.segment: item.problems for item in measure_segments(settings)}
    assert told == {
        "calm": (),
        "emptied": ("0 came and 4 left of 4, more than 50%",),
        "fresh": ("2 people, fewer than 3",),
        "swapped": ("6 came and 6 left of 10, more than 50%",),
        "undemanding": (),
    }
