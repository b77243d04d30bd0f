"""When somebody is expected to buy again: the three models against a plain calculation, on random purchases."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import duckdb
import jinja2
from hypothesis import given, settings
from hypothesis import strategies as st

MODELS = Path(__file__).resolve().parents[2] / "models" / "intermediate" / "behaviour"
FIRST = datetime(2026, 1, 1)
LEAST, PRIOR = 3, 2

# per person: may be analysed, and hours after the first of January at which something was bought (or not paid)
purchases = st.lists(st.tuples(st.integers(0, 4000), st.sampled_from([True, True, True, False])), max_size=6)
people = st.lists(st.tuples(st.booleans(), purchases), max_size=7)


def expected(population: list[tuple[bool, list[tuple[int, bool]]]]) -> dict[int, tuple[float, datetime] | None]:
    """The date per person, None where no pause is known; people whose behaviour may not be analysed are absent."""
    days: dict[int, list[datetime]] = {}
    for person, (may_analyse, bought) in enumerate(population):
        moments = sorted(FIRST + timedelta(hours=hour) for hour, is_sale in bought if is_sale)
        if may_analyse and moments:
            days[person] = moments
    pauses = {}
    for person, moments in days.items():
        dates = sorted({moment.date() for moment in moments})
        pauses[person] = [(later - sooner).days for sooner, later in pairwise(dates)]
    usual = [median(gaps) for gaps in pauses.values() if gaps]
    answer: dict[int, tuple[float, datetime] | None] = {}
    for person, gaps in pauses.items():
        if not gaps:
            answer[person] = None
            continue
        own = median(gaps)
        company = median(usual) if len(usual) >= LEAST else own
        gap = (len(gaps) * own + PRIOR * company) / (len(gaps) + PRIOR)
        answer[person] = (gap, max(days[person]) + timedelta(days=int(gap + 0.5)))
    return answer


class Models:
    """The models as dbt runs them, on one connection."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("""
            create table int_behaviour__order_lines (
                person_id integer, ordered_at timestamp, is_sale boolean, source varchar, order_id varchar);
            create table int_behaviour__person_uses (person_id integer, may_analyse boolean);
            create table int_identity__withheld_records (record_key varchar, purpose varchar);
        """)
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
        variables = {"anonymous_group_minimum": LEAST, "next_order_prior_gaps": PRIOR}
        # nothing is withheld here, so any key will do
        environment.globals.update(ref=str, var=variables.__getitem__, record_key=lambda *_: "''")
        for name in ("order_gaps", "order_pace", "next_orders"):
            text = (MODELS / f"int_behaviour__{name}.sql").read_text()
            self.connection.execute(f"create view int_behaviour__{name} as {environment.from_string(text).render()}")

    def of(self, population: list[tuple[bool, list[tuple[int, bool]]]]) -> dict[int, tuple[float, datetime] | None]:
        uses = [(person, may_analyse) for person, (may_analyse, _) in enumerate(population)]
        lines = [
            (person, FIRST + timedelta(hours=hour), is_sale)
            for person, (_, bought) in enumerate(population)
            for hour, is_sale in bought
        ]
        for table, rows in (
            ("person_uses (person_id, may_analyse)", uses),
            ("order_lines (person_id, ordered_at, is_sale)", lines),
        ):
            self.connection.execute(f"delete from int_behaviour__{table.split()[0]}")
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self.connection.executemany(f"insert into int_behaviour__{table} values ({marks})", rows)
        rows = self.connection.execute(
            "select person_id, expected_gap_days, expected_next_order_at, no_expectation_reason"
            " from int_behaviour__next_orders"
        ).fetchall()
        assert all((gap is None) == (reason == "one_purchase_day") for _, gap, _, reason in rows)
        return {person: None if gap is None else (float(gap), moment) for person, gap, moment, _ in rows}


MODEL = Models()


@settings(max_examples=150, deadline=None)
@given(people)
def test_the_next_order_is_expected_after_the_persons_pause_drawn_towards_the_companys(
    population: list[tuple[bool, list[tuple[int, bool]]]],
) -> None:
    calculated, answered = expected(population), MODEL.of(population)
    assert calculated.keys() == answered.keys()
    for person, answer in calculated.items():
        if answer is None:
            assert answered[person] is None
        else:
            gap, moment = answered[person]
            assert abs(gap - answer[0]) <= 0.0501 and moment == answer[1]


def test_who_may_not_be_analysed_changes_nobody_elses_date() -> None:
    others = [(True, [(0, True), (240, True)]), (True, [(0, True), (480, True)]), (True, [(0, True), (720, True)])]
    assert MODEL.of(others) == MODEL.of([*others, (False, [(0, True), (4000, True)])])
