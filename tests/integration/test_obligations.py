"""What a permission that ends owes to the recipients: found, dated, met, and proved when it is not."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from company import Company

from samtykke.activation import connections, export, obligations
from samtykke.storage.connect import open_home
from samtykke.verify import verify_home

NIGHT = datetime(2026, 3, 1, 2, 0)
META = {"purpose": "advertising.audience", "channel": "ads_audience", "recipient": "meta"}
JEANS = ("meta", "bought_jeans")


def email(name):
    return f"{name}@example.com"


def said(name, action, day, **more):
    return {
        "source": "preference_centre",
        "source_event_id": f"{name}-{action}-{day}",
        "identifier_kind": "email",
        "identifier": email(name),
        **META,
        "action": action,
        "notice_id": "welcome",
        "notice_version": 1,
        "notice_locale": "da",
        "occurred_at": f"{day}T10:00:00Z",
        **more,
    }


class Nights:
    """A company whose clock stands where the test puts it."""

    def __init__(self, company, patch):
        self.company = company
        self._patch = patch

    def run(self, days, *events):
        """The night so many days after the first, with what was delivered since."""
        moment = NIGHT + timedelta(days=days)
        for module in (export, connections):
            self._patch.setattr(module, "now", lambda: moment + timedelta(minutes=10))
        self.company.deliver("consent_events", f"day {days}", events)
        return self.company.night(moment, at=moment)

    def obligations(self, name, columns):
        return self.company.query(f"""
            select {columns} from marts.obligations
            inner join vault.identifiers using (identifier_key)
            where value = '{email(name)}' order by ledger_seq
        """)


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    made = Company(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("target"))
    people = ("anna", "bo", "carl")
    notice = {"notice_id": "welcome", "version": 1, "locale": "da", "text": "Må vi?", "recipients": "meta"}
    made.deliver("notices", "n", [{**notice, "purposes": META["purpose"], "effective_from": "2025-01-01T00:00:00Z"}])
    made.deliver("products", "p", [{"product_id": "J1", "name": "Straight jeans", "category": "jeans"}])
    contacts = [{"source": "crm", "contact_id": one, "email": email(one), "country": "DK"} for one in people]
    made.deliver("contacts", "c", contacts)
    order = {"source": "shop", "ordered_at": "2026-01-20T12:00:00Z", "status": "paid", "currency": "DKK"}
    made.deliver("orders", "o", [{**order, "order_id": one, "contact_id": one} for one in people])
    line = {"source": "shop", "line_id": 1, "product_id": "J1", "quantity": 1, "unit_price": 500}
    made.deliver("order_lines", "l", [{**line, "order_id": one} for one in people])
    with pytest.MonkeyPatch.context() as patch:
        nights = Nights(made, patch)
        nights.run(
            0,
            said("anna", "granted", "2026-01-10"),
            # 25 hours after the night of the 3rd
            said("bo", "granted", "2026-01-10", valid_until="2026-03-04T03:00:00Z"),
            said("carl", "granted", "2026-01-10"),
        )
        nights.removed = nights.run(
            2, said("anna", "withdrawn", "2026-02-20"), said("carl", "withdrawn", "2026-03-02")
        )[JEANS]
        # what is derived goes, the ledger stays
        with open_home(made.settings) as connection:
            for schema in ("activation", "intermediate"):
                connection.execute(f"drop schema {schema} cascade")
        nights.run(3, said("carl", "restricted", "2026-03-03", purpose="any", channel="any", recipient=""))
        made.build("obligations", NIGHT + timedelta(days=3))
        yield nights


def test_a_late_withdrawal_finds_what_left_since_it_was_said(nights):
    assert nights.removed.removal_reasons["permission_ended"] == 2
    ((first,),) = nights.company.query("""
        select build_id from ledger.export_build_states where as_of = timestamp '2026-03-01 02:00:00'
    """)
    seen = nights.obligations(
        "anna",
        "duty, cause, status, is_in_time, late_days, sent_while_denied, builds_while_denied, caused_at, known_at",
    )
    known_at = NIGHT + timedelta(days=2)
    assert seen == [("remove", "withdrawn", "met", True, 11, 1, [first], datetime(2026, 2, 20, 10), known_at)]


def test_what_ends_before_the_next_run_is_taken_back_tonight(nights):
    assert nights.removed.removal_reasons["expires_before_next_run"] == 1
    ends_at, met_at = datetime(2026, 3, 4, 3), NIGHT + timedelta(days=2, minutes=10)
    seen = nights.obligations("bo", "cause, status, is_in_time, due_at, met_at, sent_while_denied")
    assert seen == [("expires_before_next_run", "met", True, ends_at, met_at, 0)]


def test_a_restriction_is_told_to_who_got_the_person_and_waits_for_somebody_to_say_so(nights):
    due_at = NIGHT + timedelta(days=33)
    assert nights.obligations("carl", "duty, cause, status, due_at") == [
        ("remove", "withdrawn", "met", NIGHT + timedelta(days=3)),
        ("notify", "restricted", "open", due_at),
    ]
    with open_home(nights.company.settings, read_only=True) as connection:
        assert obligations.overdue_sentence(obligations.unmet(connection, at=due_at - timedelta(seconds=1))) == ""
        (one,) = obligations.unmet(connection, at=due_at)
    assert obligations.overdue_sentence([one]).startswith("1 obligation is overdue (meta: 1 to notify);")
    command = [sys.executable, "-m", "samtykke", "obligations", "acknowledge", one.obligation_id, "--by", "dpo"]
    for code in (0, 2):  # a second time there is nothing to acknowledge
        done = subprocess.run([*command, "--home", str(nights.company.settings.home)], capture_output=True, text=True)
        assert done.returncode == code, done.stderr
    assert all(finding.ok for finding in verify_home(nights.company.settings))


def test_no_obligation_holds_a_clear_identifier_or_its_plain_digest(nights):
    rows = list(map(str, nights.company.query("from marts.obligations")))
    plain = [email("anna"), hashlib.sha256(email("anna").encode()).hexdigest()]
    assert len(rows) == 4 and not [row for row in rows for value in plain if value in row]
