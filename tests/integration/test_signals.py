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
        book = books(connection, "consent_events", max_quarantine_share=0.1)
    assert (book.rows_in, book.rows_staged, book.rows_quarantined, book.rows_refused) == (2, 1, 1, 1)
    assert book.balanced and not book.rejected_files
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


HUBSPOT = "Record ID,Email,Create Date,Last Modified Date,Legal basis for processing contact's data\n"
CONTACT = "Id,Email,LastModifiedDate,Email_Opt_In_Explicit__c,GDPR_Opt_In_Explicit__c\n"


@pytest.mark.parametrize(
    ("folder", "header", "ticked", "unticked"),
    [
        ("contacts@hubspot", HUBSPOT, "Freely given consent from contact", ""),
        ("contacts@salesforce_contact", CONTACT, "true,", "false,"),
        ("contacts@salesforce_lead", CONTACT, "1,0", "0,0"),
    ],
)
@pytest.mark.parametrize("replaced", [True, False])
def test_a_box_that_is_unticked_after_it_was_ticked_is_a_refusal(home, folder, header, ticked, unticked, replaced):
    date = ("{},{}" if folder.endswith("hubspot") else "{}").format
    first, second = "2026-01-05T10:00:00Z", "2026-02-05T10:00:00Z"
    home.deliver(
        f"{folder}/a.csv",
        header
        + f"1,was@example.com,{date(first, first)},{ticked}\n2,never@example.com,{date(first, first)},{unticked}\n",
    )
    home.load()
    home.append()
    assert home.ledger() == [("marketing.direct", None, "imported_state")]
    home.deliver(
        f"{folder}/{'a' if replaced else 'b'}.csv",
        header
        + f"1,was@example.com,{date(first, second)},{unticked}\n2,never@example.com,{date(first, second)},{unticked}\n",
    )
    for _ in range(2):  # a second night adds nothing
        home.load()
        home.append()
        assert home.ledger() == [("marketing.direct", None, "imported_state"), ("marketing.direct", None, "refused")]


def box(identifier: str, value: str, day: str, notice: str = "signup,1,da", action: str = "") -> str:
    number = abs(hash((identifier, value, day, notice)))
    return f"web_form,{number},email,{identifier},marketing.direct,email,{action},{notice},{day},crm_checkbox,{value}\n"


BOXES = (
    "source,source_event_id,identifier_kind,identifier,purpose,channel,action,notice_id,notice_version,notice_locale,"
    "occurred_at,raw_kind,raw_value\n"
)


def test_a_ticked_box_is_a_grant_with_source_date_and_notice_only(home):
    day = "2026-01-05T10:00:00Z"
    home.deliver(
        "consent_events/boxes.csv",
        BOXES
        + box("whole@example.com", "newsletter=1", day)
        + box("no.date@example.com", "on", "")
        + box("no.notice@example.com", "ja", day, notice=",,")
        + box("never.ticked@example.com", "0", day)
        + box("claims@example.com", "off", day, action="granted")
        + box("what@example.com", "perhaps", day),
    )
    home.load()
    home.append()
    said = home.rows("""
        select v.value, e.action, e.occurred_precision from ledger.consent_events as e
        inner join vault.identifiers as v on e.identifier_key = v.identifier_key order by all
    """)
    assert said == [
        ("no.date@example.com", "imported_state", "unknown"),
        ("no.notice@example.com", "imported_state", "exact"),
        ("whole@example.com", "granted", "exact"),
    ]
    assert home.quarantined() == {(7, "crm_checkbox:unknown_value"): 1}


def test_boxes_say_the_same_in_whatever_order_their_files_come(tmp_path):
    files = {
        "1": box("a@example.com", "1", "2026-01-05T10:00:00Z"),
        "2": box("a@example.com", "0", "2026-01-09T10:00:00Z"),
    }
    found = []
    for order in ("12", "21"):
        home = SignalHome(tmp_path / order)
        for name in order:
            home.deliver(f"consent_events/{name}.csv", BOXES + files[name])
            home.load()
            home.append()
        found.append(home.rows("select event_id, action, occurred_at from ledger.consent_events order by occurred_at"))
    assert found[0] == found[1]
    assert [action for _, action, _ in found[0]] == ["granted", "refused"]


def test_salesforce_contact_points_say_opt_in_opt_out_or_neither(home):
    home.deliver(
        "consent_events@salesforce_contact_point_consent/a.csv",
        "Id,PartyId,EmailAddress,ContactPointType,PrivacyConsentStatus,CaptureDate,CaptureSource,EffectiveTo,"
        "DoubleConsentCaptureDate,DataUsePurpose.Name,Notice_Id__c\n"
        "0ZX1,003A,in@example.com,Email,OptIn,2026-01-05T10:00:00.000+0000,Web form,,2026-01-06T10:00:00.000+0000,"
        "Marketing,signup\n"
        "0ZX2,003B,,Phone,OptOut,2026-01-07T10:00:00.000Z,Call,,,,\n"
        "0ZX3,003C,seen@example.com,Email,Seen,2026-01-08T10:00:00.000Z,Mail,,,Marketing,\n"
        "0ZX4,003D,not@example.com,Email,NotSeen,2026-01-09T10:00:00.000Z,Mail,,,Marketing,\n"
        "0ZX5,003E,odd@example.com,Email,Maybe,2026-01-10T10:00:00.000Z,Mail,,,Marketing,\n"
        "0ZX6,003F,use@example.com,Email,OptIn,2026-01-11T10:00:00.000Z,Mail,,,Fraud Detection,\n",
    )
    home.load()
    home.append()
    said = home.rows("""
        select identifier_kind, purpose, channel, action, occurred_at::date::varchar, raw_value
        from ledger.consent_events order by occurred_at
    """)
    assert said == [
        ("email", "marketing.direct", "email", "granted", "2026-01-05", "OptIn"),
        ("email", "marketing.direct", "email", "confirmed", "2026-01-06", "OptIn"),
        ("crm_id", "marketing.direct", None, "refused", "2026-01-07", "OptOut"),
        ("email", "marketing.direct", "email", "deferred", "2026-01-08", "Seen"),
        ("email", "marketing.direct", "email", "requested", "2026-01-09", "NotSeen"),
    ]
    assert home.quarantined() == {(6, "contact_point_consent:unknown_value"): 1, (7, "missing_value"): 1}


def test_global_privacy_control_objects_and_its_absence_says_nothing(home):
    home.signals(
        "cookie,c1,,,,Sec-GPC,1",
        "cookie,c2,,,,gpc,0",
        "cookie,c3,,,,gpc,",
        "cookie,c4,,,,globalPrivacyControl,perhaps",
        "cookie,c5,advertising.onsite,,granted,gpc,0",
    )
    assert home.rows("select purpose, channel, recipient, action from ledger.consent_events") == [
        ("advertising", "any", None, "objected")
    ]
    assert home.quarantined() == {(5, "gpc:unknown_value"): 1, (6, "gpc:not_borne_out"): 1}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("G111", {ONSITE: "granted", ANALYTICS: "granted"}),
        ("G10-", {ONSITE: "refused"}),
        ("ad_storage=denied; analytics_storage=granted", {ONSITE: "refused", ANALYTICS: "granted"}),
        ('{"analytics_storage": "granted", "wait_for_update": 500}', {ANALYTICS: "granted"}),
        ("analytics_storage: unset", {}),
        ('{"adUserData": "CONSENT_DENIED"}', {"advertising.audience.ad_user_data": "refused"}),
    ],
)
def test_google_consent_mode_is_read_in_its_forms(home, value, said):
    home.signals(f"cookie,c1,,,,consent mode,{value}")
    assert {purpose: action for purpose, _, action in home.ledger()} == said
    assert not home.quarantined()


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "{",
        "[]",
        "G1",
        "G121",
        "analytics_storage=maybe",
        "tracking=granted",
        "ad_storage=granted,ad_storage=denied",
    ],
)
def test_consent_mode_that_is_not_its_vocabulary_is_quarantined(home, value):
    home.signals(f"cookie,c1,,,,gcm,{value}")
    assert home.ledger() == []
    assert [reason.split(":")[0] for _, reason in home.quarantined()] == ["google_consent_mode"]


def test_one_word_of_consent_mode_speaks_of_its_record_but_not_for_both_signals(home):
    home.signals(
        f"cookie,c1,{ANALYTICS},,granted,consent_mode,granted",
        f"cookie,c2,{ANALYTICS},,granted,consent_mode,denied",
        "email,a@example.com,advertising.audience,google,granted,consent_mode,granted",
        "email,b@example.com,advertising.audience,google,,consent_mode,denied",
        "email,c@example.com,advertising.audience,google,granted,adUserData,granted",
        "cookie,c3,,,,consent_mode,granted",
    )
    assert home.ledger() == [
        (ANALYTICS, None, "granted"),
        (ANALYTICS, None, "refused"),
        ("advertising.audience", "google", "refused"),
        ("advertising.audience.ad_user_data", "google", "granted"),
    ]
    assert home.quarantined() == {(4, "google_consent_mode:not_borne_out"): 1, (7, "missing_value"): 1}


@pytest.mark.parametrize("column", ["purpose", "action", "occurred_at"])
def test_only_signals_in_every_row_stand_in_for_a_missing_column(home, column):
    row = {
        "source": "form", "source_event_id": "1", "identifier_kind": "cookie", "identifier": "c1",
        "purpose": "service", "action": "granted", "occurred_at": "2026-01-01T10:00:00Z", "raw_kind": "form",
        "raw_value": "1",
    }  # fmt: skip
    del row[column]
    header = ",".join(row) + "\n"
    for name, rows in {"none": [], "other": [row], "mixed": [row | {"raw_kind": "crm_checkbox"}, row]}.items():
        text = header + "".join(",".join(one.values()) + "\n" for one in rows)
        assert home.load_one(f"consent_events/{name}.csv", text).reason == "missing_column", name
    signal = row | {"raw_kind": "gpc" if column == "purpose" else "crm_checkbox"}
    text = header + ",".join(signal.values()) + "\n"
    assert home.load_one("consent_events/signals.csv", text).counts[0].rows_staged == 1
