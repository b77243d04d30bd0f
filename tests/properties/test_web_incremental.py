"""Visits and mails told night by night equal those told at once, row for row; a day told again changes nothing."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.properties.web_home import BEGINNING, MODELS, NIGHTS, Company, PageView, WebHome, day, end_of, unequal

WORLDS = int(os.environ.get("WEB_WORLDS", "1"))  # each about a minute of CPU
OPTIONS = (
    {},
    {"session_splits_at_midnight": True},
    {"session_splits_on_campaign": True, "session_gap_minutes": 10, "web_look_back_days": 0},
)


@pytest.fixture
def home(tmp_path: Path) -> WebHome:
    return WebHome(tmp_path)


def test_a_day_more_tells_what_is_found_click_by_click(home: WebHome) -> None:
    company = Company(random.Random(7))
    for night in range(2):  # the second brings late clicks, repeated ones, other people and other permissions
        company.night(night)
        home.put(company)
        home.build(as_of=str(end_of(night)))
        assert home.visits() == company.visits(end_of(night), pause=timedelta(minutes=30)), night
        assert home.mailed() == company.mailed(end_of(night)), night
    assert _told(home)[0], "told everything anew, or nothing"
    with home.connect() as connection:  # what else is told of these visits is told of all of them, and of no others
        (differing,) = connection.execute("""
            select count(*) from (select session_key, page_views, person_id from marts.web_sessions) as shown
            full join (
                select printf('%016x', session_id) as session_key, count(*) as page_views
                from intermediate.int_behaviour__clicks
                group by session_id
            ) as visits using (session_key)
            full join (
                select session_key, count(*) as looked_at, any_value(person_id) as person_id from marts.web_page_views
                group by session_key
            ) as views using (session_key)
            where shown.page_views is distinct from visits.page_views
                or shown.person_id is distinct from views.person_id
                or coalesce(views.looked_at, shown.page_views) <> shown.page_views
        """).fetchone()
    assert differing == 0


@pytest.mark.slow
@pytest.mark.timeout(1800)  # nights of builds, on a machine that others use too
@pytest.mark.parametrize("options", OPTIONS, ids=("as shipped", "midnight", "campaigns"))
@pytest.mark.parametrize("seed", range(WORLDS))
def test_nights_equal_a_build_from_scratch(home: WebHome, options: dict, seed: int) -> None:
    chance = random.Random(f"{seed} {options}")
    company = Company(chance)
    broken, back = chance.sample(range(2, NIGHTS), 2)
    for night in range(NIGHTS):
        company.night(night)
        home.put(company)
        moment = str(end_of(night))
        if night == broken:
            # broken off somewhere; what it was about is gone again, in part, when the next one begins
            upto = chance.choice(("int_behaviour__clicks", "int_behaviour__sessions", "web_sessions"))
            mails = MODELS[1 : chance.randrange(len(MODELS) - 3, len(MODELS))]
            home.build(select=(f"tag:web_days,+{upto}", *mails), as_of=moment, **options)
            company.take_back(night)
            home.put(company)
        if night == back:
            home.build(as_of=str(end_of(night - 2)), **options)
        home.build(as_of=moment, **options)
        if night in (broken, back, NIGHTS - 1):
            by_night = home.told()
            home.build("--full-refresh", as_of=moment, **options)
            assert unequal(by_night, home.told()) == [], (night, broken, back)
    # a day told again, and a night with nothing new
    told = home.told()
    home.build(as_of=moment, web_days=f"{day(1)}/{day(3)}", **options)
    assert unequal(home.told(), told) == []


@pytest.mark.slow
def test_a_late_click_joins_two_visits_over_midnight_and_a_withdrawal_takes_them_from_their_person(
    home: WebHome,
) -> None:
    company = Company(random.Random(0))
    first = next(iter(company.visit(0)))
    at = BEGINNING.replace(hour=23, minute=45)
    company.deliver("first", [_click(first, "a", at), _click(first, "c", at.replace(day=2, hour=0, minute=35))], 1)
    company.people = {"cookie-1": [1], "cookie-2": [2]}
    company.uses = {1: (True, True, ""), 2: (True, True, "")}
    home.put(company)
    home.build(as_of=str(end_of(1)))
    assert _visits(home) == [(1, True), (1, True)]
    company.deliver("late", [_click(first, "b", at.replace(day=2, hour=0, minute=10))], 20)
    home.put(company)
    home.build(as_of=str(end_of(20)))
    assert _visits(home) == [(3, True)]
    told = _told(home)
    assert told == (2, 2)  # the two days of this visitor, and the visit that stays and the one that goes: nothing else
    company.uses[1] = (False, True, "withdrawn")
    home.put(company)
    home.build(as_of=str(end_of(21)))
    assert _visits(home) == [(3, False)]
    company.people["cookie-1"] = []  # nobody's again
    home.put(company)
    home.build(as_of=str(end_of(22)))
    assert _visits(home) == [(3, False)]
    home.build(as_of=str(end_of(22)), web_look_back_days=0)
    assert _told(home) == (0, 0)


def _click(like: PageView, event: str, moment: datetime) -> PageView:
    return replace(
        like, event_id=event, cookie="cookie-1", session=None, login=None, path="/", agent=None, occurred_at=moment
    )


def _visits(home: WebHome) -> list[tuple]:
    with home.connect() as connection:
        return connection.execute(
            "select page_views, person_id is not null from marts.web_sessions order by started_at"
        ).fetchall()


def _told(home: WebHome) -> tuple:
    with home.connect() as connection:
        return connection.execute(
            "select visitor_days_told, visits_told from intermediate.int_behaviour__web_told"
        ).fetchone()
