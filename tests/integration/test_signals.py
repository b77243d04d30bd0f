"""Consent signals through the real loader: what they say reaches the ledger, what cannot be read is no consent."""

import json
from pathlib import Path

import pytest
from landing_home import LandingHome

from samtykke.consent.ledger import append_consent_events, verify_chain
from samtykke.intake import books
from samtykke.storage.connect import open_home

_VECTORS = {
    vector["id"]: vector["tc_string"]
    for vector in map(json.loads, (Path(__file__).parents[1] / "data/tcf_vectors.jsonl").open())
}
EVERYTHING, NOTHING = _VECTORS["tc0006"], _VECTORS["tc0001"]  # all purposes and ten vendors; none at all
HEADER = (
    "source,source_event_id,identifier_kind,identifier,purpose,recipient,action,notice_id,notice_version,"
    "notice_locale,occurred_at,raw_kind,raw_value\n"
)
ANALYTICS, ONSITE = "analytics.behaviour", "advertising.onsite"


class SignalHome(LandingHome):
    """A landing home with a ledger."""

    def signals(self, *rows: str, name: str = "cmp") -> None:
        """Load rows of ``kind,identifier,purpose,recipient,action,raw_kind,raw_value`` of one day each, and append."""
        lines = []
        for number, row in enumerate(rows, start=1):
            kind, identifier, purpose, recipient, action, raw_kind, raw_value = row.split(",", 6)
            quoted = '"' + raw_value.replace('"', '""') + '"'
            lines.append(
                f"consent_platform,{name}-{number},{kind},{identifier},{purpose},{recipient},{action},"
                f"banner,1,en,2026-01-{number:02}T10:00:00Z,{raw_kind},{quoted}\n"
            )
        self.deliver(f"consent_events/{name}.csv", HEADER + "".join(lines))
        self.load()
        self.append()

    def append(self) -> None:
        with open_home(self.settings) as connection:
            append_consent_events(connection, self.settings.controller)
            assert verify_chain(connection) is None

    def ledger(self) -> list[tuple]:
        """Purpose, recipient and action of every event in the order of time."""
        return self.rows("""
            select purpose, recipient, action from ledger.consent_events
            order by occurred_at, identifier_key, purpose, recipient nulls first, action
        """)

    def issues(self) -> list[tuple]:
        return self.rows("select line_number, column_name, reason from raw.field_issues order by all")


@pytest.fixture
def home(tmp_path) -> SignalHome:
    return SignalHome(tmp_path)


def test_a_tc_string_speaks_of_its_site_and_its_vendors(home):
    home.signals(f"cookie,c1,,,,IAB-TCF,{EVERYTHING}")
    assert home.ledger() == [
        (ONSITE, None, "granted"),
        (ONSITE, "google", "refused"),
        (ANALYTICS, None, "granted"),
        (ANALYTICS, "google", "refused"),
    ]
    assert home.rows("select distinct channel, actor, raw_kind, raw_value from ledger.consent_events") == [
        ("onsite", "subject", "IAB-TCF", EVERYTHING)
    ]


def test_bit_0_is_refused_and_withdrawn_after_a_1_in_whatever_order_they_are_loaded(tmp_path):
    rows = (f"cookie,c1,,,,tcf,{NOTHING}", f"cookie,c1,,,,tcf,{EVERYTHING}", f"cookie,c1,,,,tcf,{NOTHING}")
    home = SignalHome(tmp_path / "at once")
    home.signals(*rows)
    own = [action for purpose, recipient, action in home.ledger() if purpose == ANALYTICS and recipient is None]
    assert own == ["refused", "granted", "withdrawn"]
    late = SignalHome(tmp_path / "late")
    pad = f"cookie,other,,,,tcf,{NOTHING}"
    late.signals(pad, pad, rows[2], name="newest")
    late.signals(pad, rows[1], name="older")
    late.append()
    said = late.rows(f"""
        select action, right(event_id, 16) = repeat('f', 16) from ledger.consent_events
        where purpose = '{ANALYTICS}' and recipient is null and occurred_at = '2026-01-03 10:00'
            and identifier_key in (select identifier_key from ledger.consent_events where action = 'granted')
        order by seq
    """)
    assert said == [("refused", False), ("withdrawn", True)]  # at one moment the id that ends in f wins


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (EVERYTHING[:20], "truncated"),
        ("A" * 20_000, "too_long"),
        (_VECTORS["tc0050"], "version"),
        (_VECTORS["tc0049"], "not_base64url"),
        ("CQcNzAAQevS8AB7A4BENAHE" + "A" * 20, "truncated"),
        ("", "empty"),
    ],
)
@pytest.mark.parametrize("claim", [",,", f"{ANALYTICS},,granted"])
def test_case_09_a_damaged_tc_string_is_no_consent_and_is_named_in_quarantine(home, value, reason, claim):
    home.signals(f"cookie,c1,{claim},tcf,{value}", f"cookie,c2,,,,tcf,{EVERYTHING}")
    assert home.quarantined() == {(2, f"tc_string:{reason}"): 1}
    assert home.one("select count(distinct identifier_key) from ledger.consent_events where action = 'granted'") == 1
    with open_home(home.settings) as connection:
        book = books(connection, "consent_events", max_quarantine_share=1)
    assert (book.rows_in, book.rows_staged, book.rows_quarantined, book.balanced) == (2, 1, 1, True)
    listed = (home.settings.home / "quarantine/consent_events/cmp.csv.csv").read_text().splitlines()
    assert listed[1] == f"2,consent_events,tc_string:{reason},raw_value,1"


def test_a_tc_string_never_covers_an_address_or_an_upload(home):
    home.signals(
        f"email,a@example.com,,,,tcf,{EVERYTHING}",
        f"email,b@example.com,advertising.audience,meta,granted,tcf,{EVERYTHING}",
        f"cookie,c3,advertising.audience,meta,granted,tcf,{EVERYTHING}",
    )
    assert "granted" not in {action for _, _, action in home.ledger()}
    assert not home.quarantined()  # the string's no to Google's bit counts, also for an address
    assert home.issues() == [
        (2, "action", "tc_string:not_a_device"),
        (3, "action", "tc_string:not_a_device"),
        (4, "action", "tc_string:not_borne_out"),
    ]


def test_the_signal_is_the_evidence_of_what_its_row_claims(home):
    home.signals(
        f"cookie,c1,{ANALYTICS},,granted,tcf,{NOTHING}",
        f"cookie,c2,{ANALYTICS},,granted,tcf,{EVERYTHING}",
        f"cookie,c3,{ANALYTICS},,withdrawn,tcf,{EVERYTHING[:30]}",
        f"cookie,c4,,,objected,tcf,{EVERYTHING[:30]}",
        f"cookie,c5,{ANALYTICS},,withdrawn,tcf,{EVERYTHING}",
    )
    by_day = home.rows("select day(occurred_at), purpose, recipient, action from ledger.consent_events order by all")
    own = [row for row in by_day if row[2] is None]
    assert [row for row in own if row[0] == 1] == [(1, ONSITE, None, "refused"), (1, ANALYTICS, None, "refused")]
    assert [row for row in own if row[0] == 2] == [(2, ANALYTICS, None, "granted")], "a yes to what was claimed only"
    assert [row for row in own if row[0] == 3] == [(3, ANALYTICS, None, "withdrawn")], "a no is never lost"
    assert [row for row in own if row[0] == 4] == [(4, ONSITE, None, "objected"), (4, ANALYTICS, None, "objected")]
    assert [row for row in own if row[0] == 5] == [(5, ANALYTICS, None, "withdrawn")]
    assert home.issues() == [
        (2, "action", "tc_string:not_borne_out"),
        (4, "raw_value", "tc_string:truncated"),
        (5, "raw_value", "tc_string:truncated"),
    ]


def test_a_row_without_a_known_signal_still_says_purpose_and_action_itself(home):
    home.signals("cookie,c1,,,,banner,all", f"cookie,c1,{ANALYTICS},,,banner,all", "cookie,c1,,,,,")
    assert home.quarantined() == {(2, "missing_value"): 1, (3, "missing_value"): 1, (4, "missing_value"): 1}


def test_replays_and_the_same_string_again_add_nothing(home):
    home.signals(f"cookie,c1,,,,tcf,{EVERYTHING}")
    before = home.ledger()
    home.deliver(
        "consent_events/again.csv", (home.settings.drop_folder / "consent_events/cmp.csv").read_bytes() + b"\n"
    )
    home.load()
    home.append()
    assert home.ledger() == before
