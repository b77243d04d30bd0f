"""Orders and clicks that nobody in this project wrote: the marts give the figures stated for them, to the unit.

AdventureWorks sample data (MIT); UCI Online Retail (CC BY 4.0, Chen); UCI e-shop clothing (CC BY 4.0, Lapczynski and
Bialowas); the Apache log of elastic/examples (Apache-2.0).
"""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from samtykke.consent.ledger import append_consent_events
from samtykke.settings import Settings
from samtykke.sources.load import load_landing
from samtykke.storage.connect import open_home, prepare_home
from tests.dbt_process import run_dbt

pytestmark = pytest.mark.real_data

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SAMTYKKE_REAL_DATA", PROJECT.parent / "shared" / "data"))
DELIVERIES = {
    "contacts@adventureworks_customers": ["orders_adventureworks/AdventureWorks_Customers.csv"],
    "products@adventureworks_products": ["orders_adventureworks/AdventureWorks_Products.csv"],
    "orders@adventureworks_sales": [
        f"orders_adventureworks/AdventureWorks_Sales_{year}.csv" for year in (2017, 2018, 2019)
    ],
    "orders@online_retail": [
        f"orders_online_retail/online_retail_{month}.csv" for month in ("2010-12", "2011-01", "2011-02", "2011-03")
    ],
    "page_views@apache_combined": ["web_apache_logs/access_2015-05-17_18.log"],
    "page_views@eshop_clothing": ["web_eshop_clothing/e-shop_clothing_2008_apr_may.csv"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home that loaded the four sets, with the marts of behaviour and their laws built on it."""
    missing = [file for files in DELIVERIES.values() for file in files if not (DATA / file).exists()]
    if missing:
        pytest.skip(f"real data not found: {DATA / missing[0]}; set SAMTYKKE_REAL_DATA")
    settings = Settings(home=tmp_path_factory.mktemp("real") / "home", pepper="a pepper of the tests", settle_seconds=0)
    prepare_home(settings)
    for folder, files in DELIVERIES.items():
        (settings.drop_folder / folder).mkdir(parents=True)
        for file in files:
            suffix = ".csv" if file.endswith(".csv") else ".log"
            shutil.copy(DATA / file, settings.drop_folder / folder / (Path(file).stem + suffix))
    refused = [result for result in load_landing(settings) if result.status != "loaded"]
    assert not refused
    with open_home(settings) as connection:
        append_consent_events(connection, settings.controller)
    _build(settings, tmp_path_factory.mktemp("target"))
    with open_home(settings, read_only=True) as connection:
        yield connection


def _build(settings: Settings, target: Path) -> None:
    command = [
        *("build", "--select", "+path:models/marts/engagement", "+customer_profile", "path:tests/dbt/behaviour"),
        *("--exclude", "test_type:unit", "test_type:generic", "--indirect-selection", "cautious"),
    ]
    run_dbt(command, settings=settings, target=target, variables={"as_of": "2026-01-01 00:00:00"})


def _one(home, sql: str) -> tuple:
    return home.execute(sql).fetchone()


def test_adventureworks_sells_what_its_books_say(home):
    facts = "from marts.order_facts where source = 'adventureworks'"
    assert _one(
        home,
        f"""
        select count(*), count(*) filter (is_sale), count(distinct order_id), count(distinct person_id),
            sum(revenue)::decimal(18, 2), sum(quantity)::bigint,
            min(ordered_at)::date::varchar, max(ordered_at)::date::varchar
        {facts}
        """,
    ) == (37_312, 37_312, 16_743, 11_609, Decimal("16663531.92"), 55_869, "2017-01-01", "2019-06-30")
    words = ["Jersey", "Socks", "Cap", "Shorts", "Gloves", "Vest", "Helmet"]
    buyers = {
        word: _one(home, f"select count(distinct person_id) {facts} and contains(product_name, '{word}')")[0]
        for word in words
    }
    assert buyers == dict(zip(words, [1_973, 342, 1_342, 629, 856, 346, 3_832], strict=True))


def test_customers_without_an_order_stay_people(home):
    assert _one(
        home,
        """
        select count(*), count(*) filter (orders = 0), count(*) filter (has_address)
        from marts.customer_profile where list_contains(sources, 'adventureworks')
        """,
    ) == (12_108, 499, 0)


def test_online_retail_keeps_every_row_and_counts_the_clean_ones(home):
    facts = "from marts.order_facts where source = 'online_retail'"
    kept = _one(home, f"select count(*) {facts}")[0]
    quarantined = _one(home, "select sum(rows) from raw.quarantine where entity = 'order_lines'")[0]
    assert (kept + quarantined, quarantined) == (142_083, 1_284)
    assert _one(
        home,
        f"""
        select count(*), count(distinct person_id), count(distinct order_id), sum(revenue)::decimal(18, 2)
        {facts} and is_sale and person_id is not null
        """,
    ) == (92_845, 2_132, 4_681, Decimal("2153319.91"))
    best = "select max(revenue)::decimal(18, 2) from marts.customer_profile where revenue_currency = 'GBP'"
    assert _one(home, best) == (Decimal("79028.42"),)
    customers = f"select country, count(distinct person_id) {facts} and is_sale group by country"
    countries = dict(home.execute(customers).fetchall())
    assert [countries[code] for code in ("DK", "DE", "NL", "NO", "SE")] == [3, 46, 5, 3, 3]
    words = _one(
        home,
        f"""
        select
            count(distinct person_id) filter (regexp_matches(product_name, '\\bBAG\\b')),
            count(distinct person_id) filter (regexp_matches(product_name, '\\bSCARF\\b')),
            count(distinct person_id) filter (contains(product_name, 'CHRISTMAS'))
        {facts} and is_sale
        """,
    )
    assert words == (1_023, 23, 435)


def test_an_apache_log_becomes_visits_by_the_pause_alone(home):
    visits = "from marts.web_sessions where source = 'web_log'"
    assert _one(home, f"select count(*), sum(page_views)::bigint, count(person_id) {visits}") == (1_575, 4_525, 0)
    log = "from staging.stg_web__page_views where source = 'web_log'"
    assert _one(home, f"select count(distinct cookie_key) {log}") == (943,)
    statuses = dict(home.execute(f"select extra ->> 'status', count(*) {log} group by 1").fetchall())
    assert statuses == {"200": 4_030, "304": 268, "301": 110, "404": 93, "206": 21, "500": 2, "403": 1}
    # crawlers name themselves in this log: a list that finds none of them is broken
    assert _one(home, f"select count(*) > 500 and count(*) < 1000 {visits} and is_bot") == (True,)


def test_no_mart_of_the_log_holds_an_address(home):
    addresses = r"'\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b'"
    for mart in ("web_sessions", "web_goals"):
        columns = home.execute(
            """
            select column_name from duckdb_columns()
            where schema_name = 'marts' and table_name = $1 and data_type = 'VARCHAR'
            """,
            [mart],
        ).fetchall()
        for (column,) in columns:
            found = _one(home, f"select count(*) from marts.{mart} where regexp_matches({column}, {addresses})")
            assert found == (0,), (mart, column)


def test_a_ready_session_stays_what_the_shop_says_it_is(home):
    assert _one(
        home,
        """
        select count(*), sum(page_views)::bigint, count(*) filter (page_views = 1), max(page_views), count(person_id),
            count(*) filter (is_bot)
        from marts.web_sessions where source = 'eshop_clothing'
        """,
    ) == (12_147, 83_853, 2_666, 161, 0, 0)
    clicks = """
        select category, sum(clicks)::bigint, count(*) filter (clicks >= 3)
        from intermediate.int_behaviour__session_categories
        inner join intermediate.int_behaviour__sessions using (session_id)
        where source = 'eshop_clothing' group by category
    """
    assert {category: counts for category, *counts in home.execute(clicks).fetchall()} == {
        "trousers": [25_256, 3_121],
        "skirts": [19_965, 2_717],
        "blouses": [19_704, 2_483],
        "sale": [18_928, 2_132],
    }
