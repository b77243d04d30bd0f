"""Invented people, one per rule, whose words reached the company on different days: a home to explain."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from company import Company

from samtykke.consent.ledger import append_consent_events
from samtykke.sources.load import load_landing
from samtykke.storage.connect import open_home

AS_OF = datetime(2026, 3, 1, 2, 0)
BUILD = (
    "build --exclude-resource-type test unit_test --select +export_gate +consent_explanations +path:models/audit "
    "+int_consent__door_permissions +int_identity__person_aliases "
    "resource_type:seed"
)
META = ("advertising.audience", "ads_audience", "meta")
GOOGLE = ("advertising.audience", "ads_audience", "google")
NEWSLETTER = ("marketing.direct", "email", "")
SMS = ("marketing.direct", "sms", "")
ANALYTICS = ("analytics.behaviour", "", "")
SUBJECT, CRM, FORM, STAND = "preference_centre", "crm_sync", "newsletter_double_opt_in", "event_stand"

# who: (loaded on, source, identifier kind, what, action, notice version, occurred, further fields)
SAID: dict[str, list[tuple]] = {
    "anna": [
        ("2024-05-02", FORM, "email", NEWSLETTER, "granted", 1, "2024-05-01T09:30:00Z", {}),
        ("2024-05-02", FORM, "email", NEWSLETTER, "confirmed", 1, "2024-05-01T10:05:00Z", {}),
        ("2024-09-02", CRM, "email", META, "imported_state", None, "2024-09-01T00:00:00Z", {}),
        ("2025-02-11", SUBJECT, "email", META, "granted", 2, "2025-02-10T18:20:00Z", {}),
        ("2025-02-11", SUBJECT, "phone", META, "granted", 2, "2025-02-10T18:20:00Z", {}),
        ("2025-02-11", SUBJECT, "phone", SMS, "granted", 2, "2025-02-10T18:20:00Z",
         {"valid_until": "2025-08-10T00:00:00Z"}),
        ("2025-02-11", SUBJECT, "email", ANALYTICS, "granted", 2, "2025-02-10T18:20:00Z", {}),
        # said on paper on 5 November, learned of in December
        ("2025-12-15", STAND, "email", META, "withdrawn", 2, "2025-11-05T00:00:00Z", {"occurred_precision": "day"}),
        ("2026-01-20", CRM, "email", META, "granted", 2, "2026-01-19T00:00:00Z", {"actor": "system"}),
    ],
    "bo": [("2025-02-11", SUBJECT, "email", NEWSLETTER, "granted", 2, "2025-02-10T08:00:00Z", {})],
    "carl": [],
    "dora": [("2025-02-11", SUBJECT, "phone", META, "granted", 2, "2025-02-10T08:00:00Z", {})],
    "gro": [
        ("2025-02-11", SUBJECT, "email", META, "granted", 2, "2025-02-10T08:00:00Z", {}),
        ("2025-02-12", SUBJECT, "phone", META, "refused", 2, "2025-02-11T08:00:00Z", {}),
    ],
    "ida": [("2025-02-11", FORM, "email", NEWSLETTER, "granted", 2, "2025-02-10T08:00:00Z", {})],
    "jon": [
        ("2025-02-11", SUBJECT, "email", META, "granted", 2, "2025-02-10T08:00:00Z", {}),
        ("2025-03-02", SUBJECT, "email", META, "restricted", None, "2025-03-01T08:00:00Z", {}),
    ],
    "kim": [
        ("2025-02-11", SUBJECT, "email", META, "granted", 2, "2025-02-10T08:00:00Z", {}),
        ("2025-02-11", SUBJECT, "email", META, "refused", 2, "2025-02-10T08:00:00Z", {}),
        ("2025-02-11", SUBJECT, "email", GOOGLE, "granted", 2, "2025-02-10T08:00:00Z", {}),
    ],
    "lis": [("2025-02-11", SUBJECT, "email", META, "granted", 2, "2025-02-10T08:00:00Z", {"basis": "soft_opt_in"})],
    "max": [("2025-02-11", SUBJECT, "email", META, "granted", 2, "2025-02-10T08:00:00Z", {})],
}  # fmt: skip
BIRTH_DATES = {"max": "2012-06-01"}
LISTED = "bo"


def email(name: str) -> str:
    return f"{name}@example.com"


def phone(name: str) -> str:
    return f"+4520123{sorted(SAID).index(name):03d}"


class ExplainHome(Company):
    """Everything of one company, loaded on the days on which it came; built once."""

    def __init__(self, folder: Path, target: Path) -> None:
        super().__init__(folder, target)
        for day in sorted({what[0] for said in SAID.values() for what in said} | {"2024-01-01"}):
            self._load(day)
        self._send("gro", "2025-02-12T02:00:00")
        self._dbt(BUILD, AS_OF)

    def _load(self, day: str) -> None:
        if day == "2024-01-01":
            self._deliver_company()
        events = [
            {
                "source": source, "source_event_id": f"{name}-{number}", "identifier_kind": kind,
                "identifier": email(name) if kind == "email" else phone(name),
                "purpose": what[0], "channel": what[1], "recipient": what[2], "action": action,
                "notice_id": "welcome" if version else "", "notice_version": version or "",
                "notice_locale": "da" if version else "", "occurred_at": occurred, **further,
            }
            for name, said in SAID.items()
            for number, (loaded, source, kind, what, action, version, occurred, further) in enumerate(said)
            if loaded == day
        ]  # fmt: skip
        self.deliver("consent_events", f"said-{day}", events)
        load_landing(self.settings, now=datetime.fromisoformat(f"{day}T01:00:00").replace(tzinfo=UTC))
        with open_home(self.settings) as connection:
            append_consent_events(connection, self.settings.controller)

    def _deliver_company(self) -> None:
        text = {"notice_id": "welcome", "locale": "da"}
        purposes = "marketing.direct;advertising.audience;analytics.behaviour"
        self.deliver(
            "notices",
            "notices",
            [
                {**text, "version": 1, "text": "Må vi skrive til dig?", "purposes": "marketing.direct",
                 "effective_from": "2024-01-01T00:00:00Z"},
                {**text, "version": 2, "text": "Må vi skrive, og må Meta og Google få det?", "purposes": purposes,
                 "recipients": "meta;google", "effective_from": "2025-01-01T00:00:00Z"},
            ],
        )  # fmt: skip
        self.deliver(
            "contacts",
            "crm",
            [
                {"source": "crm", "contact_id": name, "email": email(name), "phone": phone(name), "country": "DK",
                 "birth_date": BIRTH_DATES.get(name, "1980-01-01"), "created_at": "2024-01-01T10:00:00Z"}
                for name in SAID
            ],
        )  # fmt: skip
        self.deliver(
            "suppressions",
            "dead",
            [{"list_id": "hard_bounce", "identifier_kind": "email", "identifier": email(LISTED), "channel": "email",
              "valid_from": "2025-06-01T00:00:00Z", "snapshot_at": "2025-06-01T00:00:00Z"}],
        )  # fmt: skip

    def _send(self, name: str, when: str) -> None:
        """Write into the export ledger that somebody was sent to Meta once."""
        with open_home(self.settings, vault=True) as connection:
            connection.execute(
                """
                insert into ledger.export_builds values
                    (1, 'b1', 'meta', 'bought_jeans', 'requested', $1, $1, 1, 0, 'p', null, 'h', 'h'),
                    (2, 'b1', 'meta', 'bought_jeans', 'acknowledged', $1, $1, 1, 0, 'p', null, 'h', 'h');
                """,
                [when],
            )
            connection.execute(
                """
                insert into ledger.export_rows values
                    (1, 'b1', 'meta', 'bought_jeans', 'add', uuid(), 'email', identifier_key('email', $1), 'digest',
                     'advertising.audience', 'grant', null, $2, 'h', 'h')
                """,
                [email(name), when],
            )
