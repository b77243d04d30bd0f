from __future__ import annotations

from datetime import datetime

import pytest

from samtykke.consent.ledger import append_consent_events, verify_chain
from samtykke.settings import Settings
from samtykke.storage.connect import open_home


@pytest.fixture
def home(tmp_path):
    with open_home(Settings(home=tmp_path / "home")) as connection:
        yield connection


def land(connection, event_id, *, action="granted", loaded="2026-01-02", line=1):
    connection.execute(
        """
        insert into raw.consent_events by name
        select $event_id as event_id, 'web_form' as source, 'email' as identifier_kind, 'k1_a' as identifier_key,
            'marketing.direct' as purpose, 'email' as channel, $action as action, false as is_default,
            'subject' as actor, timestamp '2026-01-01' as occurred_at, 'exact' as occurred_precision,
            'f' as file_id, $line as line_number, cast($loaded as timestamp) as loaded_at
        """,
        {"event_id": event_id, "action": action, "loaded": loaded, "line": line},
    )


def land_email_event(connection, event_id, event_type):
    connection.execute(
        """
        insert into raw.email_events by name
        select $1 as event_id, 'k1_a' as email_key, $2 as event_type, timestamp '2026-01-03' as occurred_at,
            'f' as file_id, 1 as line_number, timestamp '2026-01-04' as loaded_at
        """,
        [event_id, event_type],
    )


def ledger(connection, columns):
    return connection.execute(f"select {columns} from ledger.consent_events order by seq").fetchall()


def test_a_replay_appends_nothing(home):
    land(home, "e1")
    land(home, "e1", loaded="2026-01-05", line=9)  # the same event in another file
    assert append_consent_events(home, "company").appended == 1
    assert append_consent_events(home, "company").appended == 0
    assert ledger(home, "seq, event_id, controller, loaded_at") == [(1, "e1", "company", datetime(2026, 1, 2))]


@pytest.mark.parametrize("in_one_load", [True, False])
def test_an_id_used_again_for_a_withdrawal_does_not_hide_it(home, in_one_load):
    land(home, "e1")
    if not in_one_load:
        append_consent_events(home, "company")
    land(home, "e1", action="withdrawn")
    assert append_consent_events(home, "company").revised == 1
    assert sorted(action for (action,) in ledger(home, "action")) == ["granted", "withdrawn"]
    assert append_consent_events(home, "company").appended == 0


def test_email_signals_become_events_of_the_person(home):
    for number, event_type in enumerate(["unsubscribe", "complaint", "confirm", "open", "bounce_hard"]):
        land_email_event(home, f"m{number}", event_type)
    assert append_consent_events(home, "company").derived == 3
    assert set(ledger(home, "action, purpose, channel, actor")) == {
        ("withdrawn", "marketing.direct", "email", "subject"),
        ("objected", "marketing.direct", "email", "subject"),
        ("confirmed", "marketing.direct", "email", "subject"),
    }
    assert append_consent_events(home, "company").appended == 0


def test_verify_names_the_first_broken_row(home):
    for number in range(3):
        land(home, f"e{number}")
    append_consent_events(home, "company")
    assert verify_chain(home) is None
    home.execute("update ledger.consent_events set action = 'withdrawn' where seq = 2")
    broken = verify_chain(home)
    assert (broken.seq, broken.event_id) == (2, "e1")


def test_a_failed_append_leaves_nothing(home, monkeypatch):
    land(home, "e1")
    monkeypatch.setattr("samtykke.consent.ledger.append_chained", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        append_consent_events(home, "company")
    monkeypatch.undo()
    assert append_consent_events(home, "company").appended == 1
