"""Whether a segment kept the size it declares, and did not change more in a night than it may."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import duckdb

from samtykke.publish import marts_file
from samtykke.settings import Settings
from samtykke.storage.connect import open_home


@dataclass(frozen=True)
class SegmentSize:
    """One segment against what it declares.

    Attributes:
        segment: Its name.
        people: Who is in it now.
        entered: Of them, who was not when the marts were last published; None where it was not published.
        left: Who was then and is not now; None likewise.
        problems: What its declaration does not allow, in words.
    """

    segment: str
    people: int
    entered: int | None
    left: int | None
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def measure_segments(settings: Settings) -> list[SegmentSize]:
    """Compare every segment with its declaration and with what is published, in order of name.

    ``minimum_size`` is a number of people. ``maximum_daily_change`` is a share: the larger of who came and who left,
    of who was in it when the marts were last published; a segment that was empty or not there may grow as it likes.

    Args:
        settings: Whose home; its segments must have been built.
    """
    published = marts_file(settings)
    with open_home(settings, read_only=True) as connection:
        connection.execute("create temp table earlier (segment varchar, person_id uuid)")
        if published.exists():
            with duckdb.connect(str(published), read_only=True) as before:
                rows = before.execute("from marts.marts.segment_members select segment, person_id").to_arrow_table()
            connection.register("published_members", rows)
            connection.execute("insert into earlier select segment, person_id::uuid from published_members")
        measured = connection.execute("""
            with now as (
                select segment, count(*) as people from marts.segment_members group by segment
            ),
            before as (
                select segment, count(*) as people from earlier group by segment
            ),
            stayed as (
                select segment, count(*) as people
                from marts.segment_members inner join earlier using (segment, person_id) group by segment
            )
            select
                declared.segment, coalesce(now.people, 0), before.people, coalesce(stayed.people, 0),
                declared.minimum_size, declared.maximum_daily_change,
            from lineage.segment_properties as declared
            left join now using (segment)
            left join before using (segment)
            left join stayed using (segment)
            order by declared.segment
        """).fetchall()
    return [_judge(*row) for row in measured]


def _judge(
    segment: str, people: int, before: int | None, stayed: int, minimum: int | None, change: float | None
) -> SegmentSize:
    problems = []
    if minimum is not None and people < minimum:
        problems.append(f"{people} people, fewer than {minimum}")
    entered, left = (None, None) if before is None else (people - stayed, before - stayed)
    if change is not None and before and max(entered, left) > change * before:
        problems.append(f"{entered} came and {left} left of {before}, more than {change:.0%}")
    return SegmentSize(segment, people, entered, left, tuple(problems))
