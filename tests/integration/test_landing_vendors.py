"""Vendor exports as users have them on screen: their formats, their quirks, and what they say about consent."""

import json
import shutil
from datetime import datetime

import pytest
from landing_home import PROJECT, LandingHome

from samtykke.sources.mapping import load_mapping


@pytest.fixture
def home(tmp_path) -> LandingHome:
    load_mapping.cache_clear()
    project = tmp_path / "project"
    (project / "mappings").mkdir(parents=True)
    shutil.copyfile(PROJECT / "mappings" / "examples" / "brevo.yml", project / "mappings" / "brevo.yml")
    return LandingHome(tmp_path / "home", project=project)


def events(home: LandingHome) -> list[tuple]:
    return home.rows("""
        select v.value, e.channel, e.action, e.occurred_precision, e.occurred_at
        from raw.consent_events as e inner join vault.identifiers as v on e.identifier_key = v.identifier_key
        order by all
    """)


def test_the_example_mapping_reads_day_first_times_and_a_blacklist(home):
    home.load_one(
        "contacts@brevo/export.csv",
        "EMAIL;LASTNAME;FIRSTNAME;SMS;EMAIL_BLACKLISTED;SMS_BLACKLISTED;ADDED_TIME;MODIFIED_TIME\n"
        "anna@example.com;Berg;Anna;4533123456;Yes;Yes;01-02-2024 10:00:00;03-07-2024 09:30:00\n"
        "bo@example.com;;Bo;;No;No;31-03-2024 02:30:00;\n",
    )
    # the second contact was added at half past two in the night when the clock skipped from two to three
    assert home.quarantined() == {(3, "unreadable_time"): 1}
    assert home.rows("select created_at from raw.contacts") == [(datetime(2024, 2, 1, 9),)]
    at = datetime(2024, 7, 3, 7, 30)
    assert events(home) == [
        ("+4533123456", "sms", "withdrawn", "unknown", at),
        ("anna@example.com", "email", "withdrawn", "unknown", at),
    ]


def test_hubspot_writes_two_date_formats_in_one_file_and_an_opt_out_without_date_is_not_lost(home):
    home.load_one(
        "contacts@hubspot/export.csv",
        "Record ID,First Name,Last Name,Email,Phone Number,Create Date,Unsubscribed from all email,Lead Source\n"
        "101,Anna,Berg,anna@example.com,,2024-03-12 09:14,,web\n"
        "102,Bo,,bo@example.com,,3/15/2024 2:30 PM,true,fair\n",
    )
    assert home.rows("select created_at from raw.contacts order by line_number") == [
        (datetime(2024, 3, 12, 8, 14),),
        (datetime(2024, 3, 15, 13, 30),),
    ]
    assert [row[:4] for row in events(home)] == [("bo@example.com", "email", "withdrawn", "unknown")]
    assert home.rows("select unknown_columns from raw.files") == [(["Lead Source"],)]


def test_shopify_numbers_with_an_apostrophe_and_boxes_without_dates(home):
    home.load_one(
        "contacts@shopify_customer/export.csv",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Country Code,"
        "Default Address Zip,Phone,Accepts SMS Marketing,Tags\n"
        "'7210448301122,Anna,Berg,anna@example.com,yes,DK,'2100,'+4533123456,no,vip\n",
    )
    assert home.rows("select crm_kind, country from raw.contacts") == [("shop_customer_id", "DK")]
    assert home.rows("select postal_code from vault.contact_details") == [("2100",)]
    values = {value for (value,) in home.rows("select value from vault.identifiers")}
    assert values == {"7210448301122", "anna@example.com", "+4533123456"}
    assert [row[:4] for row in events(home)] == [
        ("+4533123456", "sms", "imported_state", "unknown"),
        ("anna@example.com", "email", "imported_state", "unknown"),
    ]


def test_a_shopify_order_of_several_lines_is_one_order(home):
    """The export leaves e-mail, total and status empty on the second line: counted naively it is two orders."""
    home.load_one(
        "orders@shopify_order/export.csv",
        "Name,Email,Financial Status,Paid at,Currency,Total,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n"
        "#1001,anna@example.com,paid,2026-05-01 10:00:00 +0200,DKK,399.00,2026-05-01 10:00:00 +0200,1,Jeans,299.00,J1\n"
        "#1001,,,,,,2026-05-01 10:00:00 +0200,2,Socks,50.00,S1\n"
        "#1002,,pending,,DKK,50.00,2026-05-02 10:00:00 +0200,1,Socks,50.00,S1\n",
    )
    assert home.rows("""
        select order_id, email_key is not null, status, total::varchar, ordered_at from raw.orders order by all
    """) == [
        ("#1001", True, "paid", "399.0000", datetime(2026, 5, 1, 8)),
        ("#1002", False, "pending", "50.0000", datetime(2026, 5, 2, 8)),
    ]
    lines = home.rows("select order_id, line_id, description, quantity::int from raw.order_lines order by all")
    assert lines == [("#1001", "1", "Jeans", 1), ("#1001", "2", "Socks", 2), ("#1002", "1", "Socks", 1)]
    assert home.rows("select entity, rows_in, rows_staged from raw.file_entities order by all") == [
        ("order_lines", 3, 3),
        ("orders", 2, 2),
    ]


def test_mailchimp_tells_sign_up_confirmation_and_unsubscription_with_their_moments(home):
    home.load_one(
        "contacts@mailchimp/unsubscribed.csv",
        '"Email Address","First Name",OPTIN_TIME,CONFIRM_TIME,CC,LEID,UNSUB_TIME,UNSUB_REASON,UNSUB_REASON,TAGS\n'
        "anna@example.com,Anna,2024-01-01 10:00:00,2024-01-01 10:05:00,DK,77,2024-06-01 08:00:00,none,none,"
        '"""VIP"",""Blog"""\n',
    )
    assert events(home) == [
        ("anna@example.com", "email", "confirmed", "exact", datetime(2024, 1, 1, 10, 5)),
        ("anna@example.com", "email", "granted", "exact", datetime(2024, 1, 1, 10)),
        ("anna@example.com", "email", "withdrawn", "exact", datetime(2024, 6, 1, 8)),
    ]


def test_klaviyo_consent_with_a_time_is_an_act_and_without_one_a_state(home):
    home.load_one(
        "contacts@klaviyo_profile/export.csv",
        "Email,Klaviyo ID,First Name,Phone Number,Country,Email Marketing Consent,"
        "Email Marketing Consent Timestamp,Email Suppressions\n"
        "anna@example.com,K1,Anna,,Denmark,SUBSCRIBED,2024-01-01 10:00:00,\n"
        "bo@example.com,K2,Bo,,Danmark,UNSUBSCRIBED,,\n"
        "ida@example.com,K3,Ida,,,NEVER_SUBSCRIBED,,\n"
        "zoe@example.com,K4,Zoe,,,SUBSCRIBED,2024-01-01 10:00:00,UNSUBSCRIBED\n",
    )
    assert [row[:4] for row in events(home)] == [
        ("anna@example.com", "email", "granted", "exact"),
        ("bo@example.com", "email", "withdrawn", "unknown"),
        ("ida@example.com", "email", "imported_state", "unknown"),
        ("zoe@example.com", "email", "granted", "exact"),
        ("zoe@example.com", "email", "withdrawn", "unknown"),
    ]
    assert home.rows("select country from raw.contacts order by line_number limit 2") == [("DK",), ("DK",)]


def test_a_word_that_a_mapping_does_not_list_waits_in_quarantine(home):
    home.load_one(
        "email_events@klaviyo_event/export.csv",
        "Event ID,Email,Metric,Timestamp\n"
        "1,anna@example.com,Opened Email,2024-01-01T10:00:00Z\n"
        "2,anna@example.com,Placed Order,2024-01-01T10:00:00Z\n",
    )
    assert home.rows("select event_id, event_type from raw.email_events") == [("klaviyo:1", "open")]
    assert home.quarantined() == {(3, "not_an_email_event"): 1}


def test_a_decimal_comma_is_declared_and_never_guessed(home):
    mapping = {
        "mapping": "kasse",
        "title": "Till",
        "folders": ["products"],
        "outputs": [
            {
                "entity": "products",
                "columns": {"product_id": "Nr", "name": "Navn", "price": {"first_of": ["Pris"], "decimal": "comma"}},
            }
        ],
    }
    (home.settings.project / "mappings" / "kasse.yml").write_text(json.dumps(mapping), "utf-8")
    home.load_one(
        "products@kasse/x.csv",
        "Nr;Navn;Pris\n1;Jeans;1.499,50\n2;Socks;50\n3;Hat;-12,5\n4;Cap;1,499.50\n5;Bag;12.5\n",
    )
    assert home.rows("select price::varchar from raw.products order by line_number") == [
        ("1499.5000",),
        ("50.0000",),
        ("-12.5000",),
    ]
    assert home.quarantined() == {(5, "unreadable_number"): 1, (6, "unreadable_number"): 1}
