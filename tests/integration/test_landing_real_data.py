"""Data that nobody in this project wrote, loaded through the mappings, with the counts that are known of it."""

import csv
import json
import os
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from landing_home import PROJECT, LandingHome

from samtykke.consent.ledger import append_consent_events
from samtykke.storage.connect import open_home

REAL_DATA = Path(os.environ.get("SAMTYKKE_REAL_DATA", PROJECT.parent / "shared" / "data"))
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}"),
]


def load(folder: Path, deliveries: dict[str, list[str]]) -> LandingHome:
    """A home with these files loaded: folder of the drop folder → paths inside the real data."""
    home = LandingHome(folder)
    for place, files in deliveries.items():
        for file in files:
            target = home.settings.drop_folder / place / Path(file).name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REAL_DATA / file, target)
    results = home.load()
    assert {result.status for result in results.values()} == {"loaded"}, results
    assert {result.status for result in home.load().values()} == {"duplicate"}
    return home


@pytest.fixture(scope="module")
def adventureworks(tmp_path_factory) -> LandingHome:
    base = "orders_adventureworks/AdventureWorks_"
    return load(
        tmp_path_factory.mktemp("adventureworks"),
        {
            "contacts@adventureworks_customers": [f"{base}Customers.csv"],
            "products@adventureworks_products": [f"{base}Products.csv"],
            "orders@adventureworks_sales": [f"{base}Sales_{year}.csv" for year in (2017, 2018, 2019)],
        },
    )


def test_adventureworks_customers_are_whole_without_any_address(adventureworks):
    home = adventureworks
    assert home.rows("select count(*), count(distinct email_key), bool_or(has_address) from raw.contacts") == [
        (12108, 12108, False)
    ]
    beyond_ascii = """
        select count(*), count(*) filter (contains(clear, chr(65533))) from (
            select concat_ws(' ', d.first_name, d.last_name, i.value) as clear
            from raw.contacts as c
            inner join vault.contact_details as d on c.record_key = d.record_key
            inner join vault.identifiers as i on c.email_key = i.identifier_key
        ) where not regexp_full_match(clear, '[\\x00-\\x7f]*')
    """
    assert home.rows(beyond_ascii) == [(56, 0)]


def test_adventureworks_orders_add_up(adventureworks):
    home = adventureworks
    assert home.rows("select count(*), count(distinct order_id), sum(quantity) from raw.order_lines") == [
        (37312, 16743, Decimal("55869"))
    ]
    assert home.rows("select count(distinct crm_key), min(ordered_at), max(ordered_at) from raw.orders") == [
        (11609, datetime(2017, 1, 1), datetime(2019, 6, 30))
    ]
    revenue = "select round(sum(quantity * price), 2) from raw.order_lines inner join raw.products using (product_id)"
    assert home.one(revenue) == Decimal("16663531.92")
    assert home.one("select count(*) from raw.contacts where crm_key not in (select crm_key from raw.orders)") == 499
    bought = {"Jersey": 1973, "Socks": 342, "Cap": 1342, "Shorts": 629, "Gloves": 856, "Vest": 346, "Helmet": 3832}
    for word, people in bought.items():
        found = home.rows(
            "select count(distinct crm_key) from raw.order_lines inner join raw.products using (product_id) "
            "inner join raw.orders using (source, order_id) where contains(name, $1)",
            [word],
        )
        assert found == [(people,)], word


@pytest.fixture(scope="module")
def online_retail(tmp_path_factory) -> LandingHome:
    months = ("2010-12", "2011-01", "2011-02", "2011-03")
    files = [f"orders_online_retail/online_retail_{month}.csv" for month in months]
    return load(tmp_path_factory.mktemp("online_retail"), {"orders@online_retail": files})


def test_online_retail_loses_nothing_in_cleaning(online_retail):
    home = online_retail
    lines = """
        select sum(rows_in), sum(rows_staged), sum(rows_quarantined) from raw.file_entities
        where entity = 'order_lines'
    """
    assert home.rows(lines) == [(142083, 140799, 1284)]
    assert home.rows("select reason, sum(rows) from raw.quarantine group by reason") == [("exact_duplicate", 1284)]
    assert home.rows("select count(*), count(distinct country) from raw.orders") == [(6877, 32)]
    labels = dict(home.rows("select coalesce(label, 'sale'), count(*) from raw.order_lines group by all"))
    assert labels == {"sale": 136753, "cancellation": 2585, "not_a_product": 683, "no_price": 434, "no_quantity": 344}
    # as delivered, duplicates included
    everything = """
        select count(*) filter (customer is null), count(*) filter (invoice like 'C%') from (
            select crm_key as customer, order_id as invoice
            from raw.order_lines inner join raw.orders using (source, order_id)
            union all
            select nullif(record->>'CustomerID', ''), record->>'InvoiceNo'
            from (select record::json as record from vault.quarantine)
        )
    """
    assert home.rows(everything) == [(45136, 2603)]


def test_online_retail_sales_of_known_customers(online_retail):
    home = online_retail
    home_sales = """
        (select crm_key, country, order_id, description, quantity * unit_price as revenue
        from raw.order_lines inner join raw.orders using (source, order_id)
        where label is null and crm_key is not null)
    """
    assert home.rows(
        f"select count(*), count(distinct crm_key), count(distinct order_id), sum(revenue) from {home_sales}"
    ) == [(92845, 2132, 4681, Decimal("2153319.91"))]
    top = f"""
        select value, sum(revenue) from {home_sales} inner join vault.identifiers on crm_key = identifier_key
        group by all order by 2 desc limit 1
    """
    assert home.rows(top) == [("online_retail:14646", Decimal("79028.42"))]
    countries = dict(home.rows(f"select country, count(distinct crm_key) from {home_sales} group by all"))
    expected = {"DK": 3, "DE": 46, "NL": 5, "NO": 3, "SE": 3}
    assert {country: countries[country] for country in expected} == expected
    for pattern, people in {r"\bBAG\b": 1023, r"\bSCARF\b": 23, "CHRISTMAS": 435}.items():
        sql = f"select count(distinct crm_key) from {home_sales} where regexp_matches(description, $1)"
        assert home.rows(sql, [pattern]) == [(people,)], pattern


def test_a_raw_web_log_gives_visitors_and_keeps_no_address(tmp_path):
    home = load(tmp_path, {"page_views@apache_combined": ["web_apache_logs/access_2015-05-17_18.log"]})
    views = "select count(*), count(distinct cookie_key), count(*) filter (user_agent is null) from raw.page_views"
    assert home.rows(views) == [(4525, 943, 136)]
    sessions = """
        select count(*) from (
            select occurred_at - lag(occurred_at) over (partition by cookie_key order by occurred_at) as gap
            from raw.page_views
        ) where gap is null or gap > interval 1800 second
    """
    assert home.one(sessions) == 1575
    statuses = dict(home.rows("select (extra->>'status')::int, count(*) from raw.page_views group by all"))
    assert statuses == {200: 4030, 304: 268, 301: 110, 404: 93, 206: 21, 500: 2, 403: 1}
    addresses = {line.split(" ", 1)[0] for line in (REAL_DATA / "web_apache_logs/access_2015-05-17_18.log").open()}
    kept = " ".join(str(row) for row in home.rows("select columns(*)::varchar from raw.page_views"))
    assert [address for address in addresses if f"'{address}" in kept or f" {address} " in kept] == []


def test_a_shop_without_clock_and_people_gives_its_visits(tmp_path):
    home = load(tmp_path, {"page_views@eshop_clothing": ["web_eshop_clothing/e-shop_clothing_2008_apr_may.csv"]})
    visits = "select session_id, count(*) as clicks from raw.page_views group by all"
    assert home.rows(f"select sum(clicks), count(*), count(*) filter (clicks = 1), max(clicks) from ({visits})") == [
        (83853, 12147, 2666, 161)
    ]
    by_category = "select extra->>'category', count(*) from raw.page_views group by all"
    assert dict(home.rows(by_category)) == {"trousers": 25256, "skirts": 19965, "blouses": 19704, "sale": 18928}
    three = """
        select category, count(*) from (
            select session_id, extra->>'category' as category from raw.page_views group by all having count(*) >= 3
        ) group by all
    """
    assert dict(home.rows(three)) == {"trousers": 3121, "skirts": 2717, "blouses": 2483, "sale": 2132}
    assert home.one("select count(*) from raw.page_views where (extra->>'country') = 'unknown'") == 1838
    order_kept = """
        select count(*) from (
            select click < lag(click) over (partition by session_id order by occurred_at) as back
            from (select session_id, occurred_at, (extra->>'click')::int as click from raw.page_views)
        ) where back
    """
    assert home.one(order_kept) == 0


def test_every_record_of_the_vendors_is_staged_or_quarantined_and_their_consent_is_told_honestly(tmp_path):
    home = load(
        tmp_path,
        {
            "contacts@hubspot": ["crm_hubspot/contact_data.csv"],
            "contacts@salesforce_contact": ["crm_salesforce/sf_contact_data.csv"],
            "contacts@salesforce_lead": ["crm_salesforce/sf_lead_data.csv"],
            "contacts@shopify_customer": [
                "crm_shopify/shopify_customer_data.csv",
                "crm_shopify/shopify_gql_customer_data.csv",
            ],
            "orders@shopify_order": ["crm_shopify/shopify_order_data.csv", "crm_shopify/shopify_gql_order_data.csv"],
            "order_lines@shopify_order": ["crm_shopify/shopify_order_line_data.csv"],
            "contacts@mailchimp": ["crm_mailchimp/member.csv"],
            "contacts@klaviyo_profile": ["crm_klaviyo/person.csv"],
            "email_events@klaviyo_event": ["crm_klaviyo/event.csv", "crm_klaviyo/event_norename.csv"],
            "page_views@ga4": ["web_ga4_fivetran/event_data.csv"],
        },
    )
    records = {}
    for path, _entity, rows_in, staged, quarantined in home.rows("""
        select path, file_entities.entity, rows_in, rows_staged, rows_quarantined
        from raw.file_entities inner join raw.files using (file_id) where raw.files.entity = file_entities.entity
    """):
        with next(REAL_DATA.glob(f"*/{Path(path).name}")).open(encoding="utf-8-sig", newline="") as file:
            in_file = sum(1 for row in csv.reader(file) if row) - 1
        assert rows_in == in_file == staged + quarantined, path
        records[Path(path).name] = (staged, quarantined)
    assert records == {
        "contact_data.csv": (22, 0),
        "sf_contact_data.csv": (4, 0),
        "sf_lead_data.csv": (1, 0),
        "shopify_customer_data.csv": (4, 0),
        "shopify_gql_customer_data.csv": (10, 0),
        "shopify_order_data.csv": (8, 0),
        "shopify_gql_order_data.csv": (5, 4),
        "shopify_order_line_data.csv": (3, 0),
        "member.csv": (9, 0),
        "person.csv": (2, 0),
        "event.csv": (0, 4),
        "event_norename.csv": (0, 4),
        "event_data.csv": (6, 0),
    }
    with open_home(home.settings) as connection:
        append_consent_events(connection, home.settings.controller)
    said = home.rows("""
        select source, action, occurred_precision, raw_kind, count(*) from ledger.consent_events
        group by all order by all
    """)
    assert said == [
        ("klaviyo", "imported_state", "unknown", "accepts_marketing", 1),
        ("mailchimp", "confirmed", "exact", "confirm_time", 9),
        ("mailchimp", "granted", "exact", "optin_time", 9),
        ("mailchimp", "withdrawn", "unknown", "status", 1),
        ("salesforce_lead", "imported_state", "unknown", "email_opt_in_explicit", 1),
        ("shopify", "confirmed", "exact", "email_marketing_consent_opt_in_level", 2),
        ("shopify", "granted", "exact", "email_marketing_consent_state", 5),
        ("shopify", "imported_state", "unknown", "accepts_marketing", 4),
        ("shopify", "withdrawn", "exact", "email_marketing_consent_state", 2),
    ]


QUOTED = ["comma_in_quotes", "escaped_quotes", "json", "newlines", "newlines_crlf", "quotes_and_newlines"]
PLAIN = ["empty", "empty_crlf", "simple", "simple_crlf", "utf8"]


@pytest.mark.parametrize("name", [*QUOTED, *PLAIN])
def test_csv_spectrum_comes_out_as_its_truth_says(name, tmp_path):
    truth = json.loads((REAL_DATA / f"csv_spectrum/json/{name}.json").read_text("utf-8"))
    headers = list(truth[0])
    project = tmp_path / "project"
    (project / "mappings").mkdir(parents=True)
    mapping = {
        "mapping": "spectrum",
        "title": name,
        "folders": ["contacts"],
        "outputs": [{"entity": "contacts", "columns": {"contact_id": {"ordinal": [headers[0]], "prefix": "row "},
                                                       "first_name": headers[0], "last_name": headers[-1]}}],
    }  # fmt: skip
    (project / "mappings" / "spectrum.yml").write_text(json.dumps(mapping), "utf-8")
    home = LandingHome(tmp_path / "home", project=project)
    content = (REAL_DATA / f"csv_spectrum/csvs/{name}.csv").read_bytes()
    result = home.load_one("contacts@spectrum/x.csv", content)
    assert (result.status, result.counts[0].rows_staged) == ("loaded", len(truth))
    found = home.rows("""
        select d.first_name, d.last_name from raw.contacts as c
        left join vault.contact_details as d on c.file_id = d.file_id and c.line_number = d.line_number
        order by c.line_number
    """)
    assert found == [(row[headers[0]] or None, row[headers[-1]] or None) for row in truth]


def test_every_naughty_string_survives_as_a_name_and_as_a_message(tmp_path):
    strings = json.loads((REAL_DATA / "blns/blns.json").read_text("utf-8"))
    home = LandingHome(tmp_path)
    for folder, columns in {"contacts": ["contact_id", "first_name"], "messages": None}.items():
        columns = columns or ["source", "conversation_id", "message_id", "author_kind", "text", "sent_at"]
        file = home.deliver(f"{folder}/naughty.csv", "")
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(columns)
            for number, text in enumerate(strings):
                row = (
                    [number, text]
                    if folder == "contacts"
                    else ["chat", 1, number, "customer", text, "2024-01-01T00:00:00Z"]
                )
                writer.writerow(row)
    results = home.load()
    assert [result.counts[0].rows_staged for result in results.values()] == [len(strings)] * 2
    names = home.rows("""
        select d.first_name from raw.contacts as c
        left join vault.contact_details as d on c.file_id = d.file_id and c.line_number = d.line_number
        order by c.line_number
    """)
    assert [name or "" for (name,) in names] == strings
    texts = home.rows("""
        select t.text from raw.messages as m
        left join vault.texts as t on m.text_key = t.text_key order by m.line_number
    """)
    assert [text or "" for (text,) in texts] == strings
