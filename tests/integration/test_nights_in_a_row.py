"""What must hold after every night, over several nights on which people change their minds and their addresses.

Whether somebody may be sent is folded here from the delivered rows alone; nothing of the models is asked.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from company import Company
from invented_people import NIGHT, PURPOSES, Invented, Row

PEOPLE = 70
SENT_FOR = {
    "meta": ("advertising.audience", "ads_audience", "meta"),
    "google": ("advertising.audience", "ads_audience", "google"),
    "mailchimp": ("marketing.direct", "email", ""),
}
SCOPES = [*SENT_FOR.values(), ("analytics.behaviour", "", "")]
# what a build leaves that is the same whenever it is made
STATE = """
    select table_schema, table_name from information_schema.tables
    where table_catalog = 'warehouse' and table_type = 'BASE TABLE'
        and table_schema in ('activation', 'consent', 'intermediate', 'marts', 'segments')
        and table_name <> 'int_behaviour__mail_rules'  -- whether the build told all mailboxes
        -- of identity what is kept; the rest is the work of the last build
        and (table_name not like 'int_identity__%' or table_name in (
            'int_identity__records', 'int_identity__guarded_identifiers', 'int_identity__shared_identifiers',
            'int_identity__linked_identifiers', 'int_identity__record_clusters', 'int_identity__conflicts',
            'int_identity__alike_decisions', 'int_identity__persons', 'int_identity__person_records',
            'int_identity__person_aliases', 'int_identity__person_identifiers', 'int_identity__person_links',
            'int_identity__attribute_values', 'int_identity__former_identifiers', 'int_identity__contact_versions',
            'int_identity__links', 'int_identity__limited_nodes', 'int_identity__record_parts',
            'int_identity__core_parts', 'int_identity__use_parts', 'int_identity__withheld_records',
            'int_identity__withheld_identifiers'
        ))
"""


class People:
    """Invented people who go on living: what each night brings, and what they have permitted so far."""

    def __init__(self, seed: int):
        self.invented = Invented(seed, PEOPLE)
        self.chance = random.Random(f"{seed}/nights")
        self.said = [row for _, row in self.invented.rows["consent_events"]]
        self.listed = {str(row["identifier"]) for _, row in self.invented.rows["suppressions"]}
        self.points = {one.number: {one.email, one.phone} - {""} for one in self.invented.people}
        self.moved: dict[str, str] = {}
        self._events = 0

    def next_day(self, company: Company, night: datetime) -> None:
        """Deliver a day: minds changed at the address or the number, some of it said weeks ago; addresses changed."""
        events = [self._event(night) for _ in range(60)]
        company.deliver("consent_events", f"day-{night:%d}", events)
        self.said += events
        moved = self.chance.sample(
            [one for one in self.invented.people if one.email and one.email not in self.moved], 6
        )
        company.deliver("contacts", f"day-{night:%d}", [self._moved(person, night) for person in moved])
        listed = self.chance.sample([one.email for one in self.invented.people if one.email], 4)
        company.deliver("suppressions", f"day-{night:%d}", [
            {"list_id": "hard_bounce", "identifier_kind": "email", "identifier": email, "channel": "email",
             "snapshot_at": f"{night - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"} for email in [*self.listed, *listed]
        ])  # fmt: skip
        self.listed |= set(listed)

    def permits(self, person: int, scope: tuple[str, str, str], identifier: str | None = None) -> bool:
        """Fold what was said: a yes counts for its own identifier, a no for all of the person's; the latest decides."""
        last: dict[str, tuple[str, bool]] = {}
        for row in self.said:
            if row["identifier"] not in self.points[person]:
                continue
            is_no = row["action"] in ("refused", "withdrawn")
            covers = (row["purpose"], row["channel"], row["recipient"]) == scope or row["purpose"] == "any"
            counts = is_no or (row["notice_version"] == 2 and row["source"] == "preference_centre")
            if not (covers and counts):
                continue
            for point in self.points[person] if is_no else {str(row["identifier"])}:
                # at one moment a no wins
                last[point] = max(last.get(point, ("", False)), (str(row["occurred_at"]), is_no))
        yes = {point for point, (_, is_no) in last.items() if not is_no}
        return bool(yes) if identifier is None else identifier in yes

    def gone(self) -> set[str]:
        """Addresses that the CRM replaced, that no other system names and nobody permitted anything through since."""
        elsewhere = {row["email"] for _, row in self.invented.rows["contacts"] if row["source"] == "newsletter"}
        again = {
            row["identifier"] for row in self.said
            if row["action"] == "granted" and str(row["occurred_at"]) > self.moved.get(str(row["identifier"]), "9")
        }  # fmt: skip
        return self.moved.keys() - elsewhere - again

    def _event(self, night: datetime) -> Row:
        person = self.chance.choice(self.invented.people)
        kind = "email" if person.email and self.chance.random() < 0.5 else "phone"
        said = night - timedelta(seconds=self.chance.choice([3_600 * 5, 86_400 * 20, 86_400 * 60]) + self._events)
        scope = self.chance.choice([*PURPOSES, ("any", "any", "")])
        action = "withdrawn" if scope[0] == "any" else self.chance.choice(["granted", "withdrawn", "refused"])
        self._events += 1
        return {
            "source": "preference_centre", "source_event_id": f"night-{self._events}", "identifier_kind": kind,
            "identifier": person.email if kind == "email" else person.phone, "purpose": scope[0],
            "channel": scope[1], "recipient": scope[2], "action": action, "actor": "subject", "notice_id": "welcome",
            "notice_version": 2, "notice_locale": "da", "occurred_at": f"{said:%Y-%m-%dT%H:%M:%SZ}",
        }  # fmt: skip

    def _moved(self, person, night: datetime) -> Row:
        """The CRM replaces an address by one that nobody has permitted anything for."""
        new = f"person.{person.number}.{night:%d}@example.org"
        self.points[person.number].add(new)
        when = f"{night - timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}"
        self.moved[person.email] = when
        return {"source": "crm", "contact_id": person.contact_id, "email": new, "phone": person.phone, "country": "DK",
                "updated_at": when}  # fmt: skip


def cells(recipient: str, identifier: str) -> str:
    """What a platform gets for an identifier, by its documentation."""
    if recipient == "mailchimp":
        return identifier
    text = identifier.lstrip("+") if recipient == "meta" else identifier
    return hashlib.sha256(text.encode()).hexdigest()


def not_permitted(company: Company, people: People) -> Iterator[str]:
    """Say of every row at a recipient why it should not be there, from the files that it got and what people said."""
    needed: dict[str, set[str]] = {}
    for segment, purpose in company.query("select segment, purpose from lineage.segment_purposes"):
        needed.setdefault(segment, set()).add(purpose)
    for recipient, scope in SENT_FOR.items():
        known = {cells(recipient, point): (number, point) for number, own in people.points.items() for point in own}
        for folder in sorted((company.settings.exports / recipient).glob("*")):
            for row in company.held(recipient, folder.name):
                for cell in filter(None, row):
                    person, identifier = known[cell]
                    where = f"{recipient}/{folder.name}: person {person}"
                    if not people.permits(person, scope, identifier):
                        yield f"{where} does not permit {scope}"
                    if recipient == "mailchimp" and identifier in people.listed:
                        yield f"{where} is on a list"
                    for purpose in needed[folder.name] - {"service"}:
                        if not people.permits(person, (purpose, "", "")):
                            yield f"{where} does not permit {purpose}"


def state(company: Company) -> dict[str, list[tuple]]:
    tables = company.query(STATE)
    return {f"{s}.{t}": sorted(map(repr, company.query(f"from {s}.{t}"))) for s, t in tables}


pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> tuple[Company, People, list[list[str]], list[int]]:
    """Four nights of a company; after each, who is where they should not be, and how many rows were taken back."""
    company = Company(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("target"))
    people = People(7)
    people.invented.deliver(company, {one.number for one in people.invented.people})
    company.night(NIGHT, at=NIGHT)
    wrong, removed = [list(not_permitted(company, people))], [0]
    for day in range(1, 4):
        night = NIGHT + timedelta(days=day)
        people.next_day(company, night)
        results = company.night(night, at=night)
        wrong.append(list(not_permitted(company, people)))
        removed.append(sum(result.removed for result in results.values()))
    return company, people, wrong, removed


def test_after_every_night_recipients_hold_nobody_who_does_not_permit_it_now(lived):
    """Nobody leaves without permission, and who ends it comes back: adds less removals are permitted."""
    company, _, wrong, removed = lived
    assert wrong == [[], [], [], []]
    assert all(removed[1:]) and len(company.held("meta", "bought_jeans")) > 3


def test_a_changed_address_is_taken_back(lived):
    company, people, *_ = lived
    for recipient in SENT_FOR:
        gone = {cells(recipient, address) for address in people.gone()}
        folders = list((company.settings.exports / recipient).glob("*"))
        left = {cell for folder in folders for row in company.held(recipient, folder.name) for cell in row}
        added = [file.read_text() for folder in folders for file in folder.glob("*/add.csv")]
        once = {row.split(",")[0] for text in added for row in text.splitlines()}
        assert gone & once and not gone & left


def test_the_same_night_again_and_a_full_rebuild_change_nothing(lived):
    company, *_ = lived
    night = NIGHT + timedelta(days=3)
    files = company.tree()
    company.night(night, at=night)
    before = state(company)  # which knows by now what left
    company.night(night, at=night, full_refresh=True)
    assert company.tree() == files
    rebuilt = state(company)
    assert {name: rows == rebuilt[name] for name, rows in before.items()} == dict.fromkeys(before, True)
