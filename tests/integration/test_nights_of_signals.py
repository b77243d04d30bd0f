"""Signals through whole nights: files in, permissions and audience files out."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from company import Company

from samtykke.activation.export import export_all
from samtykke.activation.gate import StaleGateError
from samtykke.outcome import ExitCode
from samtykke.storage.connect import open_home
from samtykke.verify import verify_home
from samtykke.withdrawals.lane import MUST_BE_BUILT, take_back_withdrawals

NIGHTS = (datetime(2026, 3, 1, 2, 0), datetime(2026, 3, 2, 2, 0))
PEOPLE = ("both", "in_one_row", "plain", "one", "claimed", "unset", "torn")
_VECTORS = {
    vector["id"]: vector["tc_string"]
    for vector in map(json.loads, (Path(__file__).parents[1] / "data/tcf_vectors.jsonl").open())
}
# All purposes and ten vendors.
TC_STRING = _VECTORS["tc0006"]
DAMAGED = {
    "cut": TC_STRING[:40],
    "long": TC_STRING + "A" * 20_000,
    "old": _VECTORS["tc0050"],
    "typo": TC_STRING[:-4] + "$$$$",
}
USER_DATA, PERSONAL = "ad_user_data", "ad_personalization"


def cells(name: str) -> tuple[str, ...]:
    """What Google matches the person by: the digest of the address, no phone."""
    return (hashlib.sha256(f"{name}@example.com".encode()).hexdigest(), "")


def signal(name: str, number: int, raw_kind: str, raw_value: str, **claimed: object) -> dict[str, object]:
    return {
        "source": "consent_platform",
        "source_event_id": f"{name}-{number}",
        "identifier_kind": "email",
        "identifier": f"{name}@example.com",
        "notice_id": "welcome",
        "notice_version": 1,
        "notice_locale": "da",
        "occurred_at": f"2026-02-{number:02}T10:00:00Z",
        "purpose": claimed.get("purpose"),
        "channel": claimed.get("channel"),
        "recipient": claimed.get("recipient"),
        "action": claimed.get("action"),
        "raw_kind": raw_kind,
        "raw_value": raw_value,
    }


@pytest.fixture(scope="module")
def first_night(tmp_path_factory) -> Company:
    """A company after one night."""
    folder = tmp_path_factory.mktemp("signals")
    made = Company(folder / "home", folder / "target")
    audience = {"purpose": "advertising.audience", "channel": "ads_audience", "recipient": "google"}
    made.deliver("notices", "notices", [{
        "notice_id": "welcome", "version": 1, "locale": "da", "text": "Må vi?", "recipients": "google",
        "purposes": "advertising.audience;advertising.onsite;analytics.behaviour",
        "effective_from": "2025-01-01T00:00:00Z",
    }])  # fmt: skip
    made.deliver("products", "products", [{"product_id": "J1", "name": "Straight jeans", "category": "jeans"}])
    made.deliver("contacts", "crm", [
        {"source": "crm", "contact_id": name, "email": f"{name}@example.com", "country": "DK",
         "created_at": "2025-06-01T10:00:00Z"}
        for name in PEOPLE
    ])  # fmt: skip
    made.deliver("orders", "orders", [
        {"source": "shop", "order_id": name, "contact_id": name, "ordered_at": "2026-01-20T12:00:00Z",
         "status": "paid", "currency": "DKK", "country": "DK"}
        for name in PEOPLE
    ])  # fmt: skip
    made.deliver("order_lines", "lines", [
        {"source": "shop", "order_id": name, "line_id": 1, "product_id": "J1", "quantity": 1, "unit_price": 500}
        for name in PEOPLE
    ])  # fmt: skip
    granted = {**audience, "action": "granted"}
    made.deliver("consent_events", "first", [
        signal("both", 1, USER_DATA, "granted"),
        signal("both", 2, PERSONAL, "granted"),
        signal("in_one_row", 1, "consent_mode", '{"ad_user_data": "granted", "ad_personalization": "granted"}'),
        signal("plain", 1, "", "", **granted),
        signal("one", 1, USER_DATA, "granted"),
        signal("claimed", 1, "google_consent_mode", "ad_user_data=granted", **granted),
        signal("unset", 1, "google_consent_mode", "ad_user_data=granted;ad_personalization=unset"),
        signal("torn", 1, "", "", **granted),
        signal("torn", 2, PERSONAL, "denied"),
    ])  # fmt: skip
    cookie = {"identifier_kind": "cookie"}
    claim = {"purpose": "analytics.behaviour", "action": "granted"}
    made.deliver("consent_events", "banner", [
        signal("good", 1, "tcf", TC_STRING) | cookie | {"identifier": "c-good"},
        *(signal(name, 1, "tcf", text, **claim) | cookie | {"identifier": f"c-{name}"}
          for name, text in DAMAGED.items()),
        signal("plain", 3, "tcf", TC_STRING),
    ])  # fmt: skip
    made.night(NIGHTS[0])
    return made


def test_case_09_a_tc_string_opens_one_site_for_one_cookie_and_a_damaged_one_nothing(first_night):
    permitted = first_night.query("""
        select identifiers.value, permissions.purpose, permissions.recipient
        from intermediate.int_consent__permissions as permissions
        inner join vault.identifiers as identifiers using (identifier_key)
        where permissions.is_permitted and permissions.purpose in ('advertising.onsite', 'analytics.behaviour')
        order by all
    """)
    assert permitted == [("c-good", "advertising.onsite", None), ("c-good", "analytics.behaviour", None)]
    refused = first_night.query("""
        select line_number, reason, column_name from raw.quarantine order by line_number
    """)
    assert refused == [
        (3, "tc_string:truncated", "raw_value"),
        (4, "tc_string:too_long", "raw_value"),
        (5, "tc_string:version", "raw_value"),
        (6, "tc_string:not_base64url", "raw_value"),
    ]
    books = "select rows_in, rows_staged, rows_quarantined from raw.file_entities where rows_quarantined > 0"
    assert first_night.query(books) == [(6, 2, 4)]


def test_a_no_is_taken_back_before_the_night_and_a_yes_waits_for_it(first_night, tmp_path):
    """What the fast lane does is what the night would do, for whom something new is said, and never an addition."""
    shutil.copytree(first_night.settings.home, tmp_path / "home")
    made = Company(tmp_path / "home", tmp_path / "target")
    made.deliver("consent_events", "later", [
        signal("both", 27, PERSONAL, "denied"),
        signal("one", 27, PERSONAL, "granted"),
    ])  # fmt: skip
    before = made.tree()
    outcome = take_back_withdrawals(made.settings, as_of=NIGHTS[0] + timedelta(hours=9))
    assert (outcome.appended, outcome.removed, outcome.exit_code) == (2, 1, 0)
    assert made.held("google", "bought_jeans") == sorted(map(cells, ("in_one_row", "plain")))
    new = {name: content for name, content in made.tree().items() if name not in before}
    assert all(len(content.splitlines()) == 1 for name, content in new.items() if name.endswith("add.csv"))
    owed = "select cause, met_at is not null, count(*) from ledger.obligation_states group by all"
    assert made.query(owed) == [("withdrawn", True, 1)]
    assert all(finding.ok for finding in verify_home(made.settings))

    again = take_back_withdrawals(made.settings, as_of=NIGHTS[0] + timedelta(hours=10))
    assert (again.appended, again.removed, again.opened, again.audiences) == (0, 0, 0, [])
    with pytest.raises(StaleGateError):  # what was built before the withdrawal may not leave any more
        export_all(made.settings, as_of=NIGHTS[0])


def test_where_no_models_are_built_the_fast_lane_says_that_somebody_may_be_owed_a_removal(first_night, tmp_path):
    shutil.copytree(first_night.settings.home, tmp_path / "home")
    made = Company(tmp_path / "home", tmp_path / "target")
    with open_home(made.settings) as connection:
        connection.execute("drop schema activation cascade")
    made.deliver("consent_events", "later", [signal("both", 27, PERSONAL, "denied")])
    outcome = take_back_withdrawals(made.settings, as_of=NIGHTS[0] + timedelta(hours=9))
    assert (outcome.appended, outcome.exit_code, outcome.problems) == (1, ExitCode.BLOCKED, [MUST_BE_BUILT])


def test_case_14_without_both_signals_nobody_reaches_google_and_a_no_is_a_removal(first_night):
    made = first_night
    assert made.held("google", "bought_jeans") == sorted(map(cells, ("both", "in_one_row", "plain")))

    made.deliver("consent_events", "later", [signal("both", 27, PERSONAL, "denied")])
    results = made.night(NIGHTS[1])
    assert made.held("google", "bought_jeans") == sorted(map(cells, ("in_one_row", "plain")))
    changed = {audience: (one.added, one.removed) for audience, one in results.items() if one.path}
    assert changed == {("google", "bought_jeans"): (0, 1)}
    (removed,) = (made.settings.exports / "google/bought_jeans").glob("*-0002-*/remove.csv")
    assert cells("both")[0] in removed.read_text()
    for name, content in made.tree().items():
        assert b"denied" not in content.lower(), name
