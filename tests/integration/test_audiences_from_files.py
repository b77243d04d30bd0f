"""From small files to audience files: one person per rule, through the real loader, ledger and models."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
from company import Company

from samtykke.segments.record import refresh_segment_properties
from samtykke.storage.connect import open_home

NIGHT = datetime(2026, 3, 1, 2, 0)
NEXT_NIGHT = datetime(2026, 3, 2, 2, 0)
PHONE = "+4520123{:03d}"

# name -> what the person said: (identifier kind, purpose, channel, recipient, action, notice version, when)
META = ("advertising.audience", "ads_audience", "meta")
NEWSLETTER = ("marketing.direct", "email", "")
ANALYTICS = ("analytics.behaviour", "", "")
SAID = {
    "anna": [("email", *META, "granted", 2, "2026-01-10"), ("email", *NEWSLETTER, "granted", 2, "2026-01-10")],
    "bo": [("email", *NEWSLETTER, "granted", 2, "2026-01-10")],
    "carl": [],
    "dora": [("email", *META, "granted", 2, "2026-01-10"), ("email", *META, "withdrawn", 2, "2026-02-10")],
    "erik": [("phone", *META, "granted", 2, "2026-01-10")],
    "fie": [("email", *META, "granted", 1, "2026-01-10")],
    "gro": [("email", *META, "granted", 2, "2026-01-10"), ("phone", *META, "refused", 2, "2026-01-11")],
    "hal": [("email", *NEWSLETTER, "granted", 2, "2026-01-10")],
    "ida": [("email", *NEWSLETTER, "granted", 2, "2026-01-10"), ("email", *ANALYTICS, "granted", 2, "2026-01-10")],
    "jon": [("email", *NEWSLETTER, "granted", 2, "2026-01-10")],
}
BUYERS = ("anna", "bo", "carl", "dora", "erik", "fie", "gro", "hal")
READERS = ("ida", "jon")


def email(name):
    return f"{name}@example.com"


def phone(name):
    return PHONE.format(sorted(SAID).index(name))


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def to_meta(name, *kinds):
    """The cells that Meta would match the person by, by its own rules: e-mail in lower case, digits of the phone."""
    return (
        sha256(email(name)) if "email" in kinds else "",
        sha256(phone(name).lstrip("+")) if "phone" in kinds else "",
    )


def event(name, number, kind, purpose, channel, recipient, action, version, day):
    return {
        "source": "preference_centre",
        "source_event_id": f"{name}-{number}",
        "identifier_kind": kind,
        "identifier": email(name) if kind == "email" else phone(name),
        "purpose": purpose,
        "channel": channel,
        "recipient": recipient,
        "action": action,
        "notice_id": "welcome",
        "notice_version": version,
        "notice_locale": "da",
        "occurred_at": f"{day}T10:00:00Z",
    }


def order(name, number, product):
    return {
        "source": "shop",
        "order_id": f"{name}-{number}",
        "contact_id": name,
        "ordered_at": "2026-01-20T12:00:00Z",
        "status": "paid",
        "currency": "DKK",
        "country": "DK",
        "product": product,
    }


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    return tmp_path_factory.mktemp("target")


def company(folder, target, people):
    """A company that knows the given people, before its first night."""
    made = Company(folder, target)
    notice = {"notice_id": "welcome", "locale": "da", "text": "Må vi?", "effective_from": "2025-01-01T00:00:00Z"}
    made.deliver(
        "notices",
        "notices",
        [
            {**notice, "version": 1, "purposes": "marketing.direct;advertising.audience", "recipients": "google"},
            {
                **notice,
                "version": 2,
                "purposes": "marketing.direct;advertising.audience;analytics.behaviour",
                "recipients": "meta",
            },
        ],
    )
    made.deliver("products", "products", [{"product_id": "J1", "name": "Straight jeans", "category": "jeans"}])
    made.deliver(
        "contacts",
        "crm",
        [
            {
                "source": "crm",
                "contact_id": name,
                "email": email(name),
                "phone": phone(name),
                "country": "DK",
                "created_at": "2025-06-01T10:00:00Z",
            }
            for name in people
        ],
    )
    orders = [order(name, 1, "J1") for name in BUYERS if name in people]
    made.deliver("orders", "orders", [{k: v for k, v in row.items() if k != "product"} for row in orders])
    made.deliver(
        "order_lines",
        "lines",
        [
            {
                "source": "shop",
                "order_id": row["order_id"],
                "line_id": 1,
                "product_id": row["product"],
                "quantity": 1,
                "unit_price": 500,
            }
            for row in orders
        ],
    )
    made.deliver(
        "email_events",
        "mail",
        [
            {
                "event_id": f"{name}-{number}",
                "message_id": f"m{number}",
                "email": email(name),
                "event_type": "open",
                "user_agent": "Thunderbird",
                "occurred_at": f"2026-02-0{number}T08:00:00Z",
            }
            for name in READERS
            if name in people
            for number in (1, 2, 3, 4)
        ],
    )
    made.deliver(
        "consent_events",
        "said",
        [event(name, number, *what) for name in people for number, what in enumerate(SAID[name])],
    )
    made.deliver(
        "suppressions",
        "dead",
        [
            {
                "list_id": "hard_bounce",
                "identifier_kind": "email",
                "identifier": email("hal"),
                "channel": "email",
                "valid_from": "2026-02-01T00:00:00Z",
                "snapshot_at": "2026-02-28T00:00:00Z",
            }
        ]
        if "hal" in people
        else [],
    )
    return made


@pytest.fixture(scope="module")
def first_night(tmp_path_factory, target):
    made = company(tmp_path_factory.mktemp("home"), target, sorted(SAID))
    made.night(NIGHT)
    return made


def reasons(made, recipient, segment):
    """Why each person is out, by name: the one test that may look into the vault."""
    return {
        value.split("@")[0]: reason
        for value, reason in made.query(f"""
            select vault.identifiers.value, audience_members.reason
            from marts.audience_members
            inner join intermediate.int_identity__person_identifiers using (person_id)
            inner join vault.identifiers using (identifier_key)
            where recipient = '{recipient}' and segment = '{segment}' and vault.identifiers.identifier_kind = 'email'
        """)
    }


def test_a_grant_opens_one_recipient_through_one_identifier_only(first_night):
    assert first_night.held("meta", "bought_jeans") == sorted([to_meta("anna", "email"), to_meta("erik", "phone")])
    assert first_night.held("mailchimp", "bought_jeans") == [(email("anna"),), (email("bo"),)]
    assert first_night.held("google", "bought_jeans") == []


def test_everybody_left_out_has_the_one_reason(first_night):
    assert reasons(first_night, "meta", "bought_jeans") == {
        "anna": None,
        "bo": "recipient_not_permitted",  # a newsletter opens no platform
        "carl": "recipient_not_permitted",  # silence
        "dora": "recipient_not_permitted",  # withdrawn
        "erik": None,
        "fie": "recipient_not_permitted",  # the notice shown did not name Meta
        "gro": "recipient_not_permitted",  # a refusal through the phone counts for the address
        "hal": "recipient_not_permitted",
    }
    assert reasons(first_night, "mailchimp", "bought_jeans")["hal"] == "suppressed"


def test_a_segment_of_behaviour_holds_only_who_permits_behaviour(first_night):
    assert first_night.held("mailchimp", "reads_email_never_buys") == [(email("ida"),)]


def test_no_clear_identifier_leaves_to_an_advertising_platform(first_night):
    for name, content in first_night.tree().items():
        if not name.startswith("mailchimp/"):
            assert b"@" not in content and b"+45" not in content and b"4520123" not in content, name


def test_a_withdrawal_takes_out_that_row_and_no_other(first_night):
    first_night.deliver(
        "consent_events", "later", [event("anna", 9, "email", *NEWSLETTER, "withdrawn", 2, "2026-03-01")]
    )
    before = first_night.held("meta", "bought_jeans")
    results = first_night.night(NEXT_NIGHT)
    assert first_night.held("mailchimp", "bought_jeans") == [(email("bo"),)]
    assert first_night.held("meta", "bought_jeans") == before
    changed = {audience: (one.added, one.removed) for audience, one in results.items() if one.path}
    assert changed == {("mailchimp", "bought_jeans"): (0, 1)}


@pytest.mark.slow
def test_an_audience_that_outlived_its_time_is_taken_back_whole(first_night, monkeypatch):
    def two_days(settings):
        declared = refresh_segment_properties(settings)
        with open_home(settings) as connection:
            connection.execute("update lineage.segment_properties set ttl_days = 2 where segment = 'bought_jeans'")
        return declared

    monkeypatch.setattr("company.refresh_segment_properties", two_days)
    before = {recipient: len(first_night.held(recipient, "bought_jeans")) for recipient in ("meta", "mailchimp")}
    results = first_night.night(NIGHT + timedelta(days=2))
    for recipient, held in before.items():
        assert held and results[recipient, "bought_jeans"].removed == held
        assert first_night.held(recipient, "bought_jeans") == []
        assert set(reasons(first_night, recipient, "bought_jeans").values()) == {"audience_ended"}
    assert first_night.held("mailchimp", "reads_email_never_buys") == [(email("ida"),)]
