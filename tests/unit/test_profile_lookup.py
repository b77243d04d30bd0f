"""Looking one person up in what is published: who is found by what, what is masked, and publications in between."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from samtykke.cli import app
from samtykke.keys import identifier_key
from samtykke.profile import Profiles, QuestionError, read_timeline
from samtykke.profile.closing import closed_profile
from samtykke.profile_store import profiles_file
from samtykke.profile_withheld import Withheld, withheld_file, write_withheld
from samtykke.publish import publish_marts
from samtykke.settings import ConfigurationError, Settings

AS_OF = datetime(2026, 6, 30)
ANNA, BO, RESTRICTED, MERGED = (f"00000000-0000-7000-8000-00000000000{number}" for number in range(1, 5))
HOUSEHOLD = "family@example.com"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home whose marts hold three people: Anna, Bo who shares a mailbox with her, and one who is restricted."""
    settings = Settings(home=tmp_path, pepper="a pepper of the tests", country="DK")
    settings.published.mkdir()
    rows = [
        (ANNA, "email", "anna@example.com", False),
        (ANNA, "phone", "+4520123456", False),
        (ANNA, "email", HOUSEHOLD, False),
        (BO, "email", HOUSEHOLD, False),
        (BO, "crm_id", "+4520123456", False),
        (BO, "handle:x", "bo", False),
        (BO, "cookie", "ck-0123456789", False),
        (BO, "email", "noreply@example.com", True),
    ]
    keyed = [
        (person, identifier_key(settings.pepper_bytes, kind, value), kind, blocked)
        for person, kind, value, blocked in rows
    ]
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"""
            create schema marts; create schema intermediate; create schema lineage;
            create table marts.customer_profile as from (values
                ('{ANNA}'::uuid, ['service'], null, ['shop'], null, 3::bigint, 12.50::decimal(18, 4),
                    timestamp '2026-05-01 10:00:00', 'analytics.behaviour: no_signal', null::bigint),
                ('{BO}', ['analytics.behaviour', 'identity.linking', 'service'], null, ['shop'], null, 0, 0, null,
                    null, 5),
                ('{RESTRICTED}', [], 'service: restricted', null, 'service: restricted', null, null, null,
                    'service: restricted', null)
            ) as profile (person_id, permitted_uses, contact_masked_reason, sources, orders_masked_reason, orders,
                revenue, last_ordered_at, web_masked_reason, sessions);
            create table lineage.columns as from (values
                ('customer_profile', 'sources', ['service']), ('customer_profile', 'orders', ['service']),
                ('customer_profile', 'revenue', ['service']), ('customer_profile', 'last_ordered_at', ['service']),
                ('customer_profile', 'sessions', ['service', 'analytics.behaviour', 'identity.linking'])
            ) as label (model, column_name, purposes);
            create table marts.person_identifiers (
                person_id uuid, identifier_key varchar, identifier_kind varchar, is_blocked boolean
            );
            create table intermediate.int_identity__person_aliases as from (values
                ('{MERGED}'::uuid, '{ANNA}'::uuid), ('{ANNA}', '{ANNA}')) as alias (person_id, current_person_id);
            create table marts.person_timeline as from (values
                ('{ANNA}'::uuid, timestamp '2026-05-01 10:00:00', 'order', 'pull', 'shop', 's', 'A', 'paid', 'service'),
                ('{BO}', timestamp '2026-05-02', 'visit', 'pull', 'web', null, 's', '2 pages', 'identity.linking'),
                ('{ANNA}', timestamp '2026-05-03', 'consent', 'pull', null, 'web', 'e', 'granted', 'service')
            ) as touch (person_id, occurred_at, kind, direction, channel, source, reference, detail, purpose);
        """)
        connection.executemany("insert into marts.person_identifiers values (?, ?, ?, ?)", keyed)
    publish_marts(settings, as_of=AS_OF)
    return settings


def people(profiles: Profiles, identifier: str) -> list[str]:
    return sorted(profile.person_id for profile in profiles.lookup(identifier).profiles)


def test_a_person_is_found_by_every_identifier_that_is_shown(home: Settings) -> None:
    with Profiles(home) as profiles:
        for typed in (" ANNA@example.com", "phone:20 12 34 56", ANNA, ANNA.upper(), MERGED):
            assert people(profiles, typed) == [ANNA], typed
        assert people(profiles, HOUSEHOLD) == [ANNA, BO]
        for typed in (
            "x:@Bo",
            "twitter:bo",
            "handle:x:bo",
            "@BO",
            "https://x.com/Bo",
            "cookie:ck-0123456789",
            "ck-0123456789",
        ):
            assert people(profiles, typed) == [BO], typed
        # a role address says nothing about anybody; nobody and "may not be shown" look the same
        assert people(profiles, "noreply@example.com") == people(profiles, "nobody@example.com") == []


def test_what_may_be_two_peoples_identifiers_is_asked_back(home: Settings) -> None:
    with Profiles(home) as profiles, pytest.raises(QuestionError, match="phone:, crm_id:"):
        profiles.lookup("+4520123456")


def test_a_masked_group_has_its_reason_and_no_value(home: Settings) -> None:
    with Profiles(home) as profiles:
        (anna,) = profiles.lookup(ANNA).profiles
        (restricted,) = profiles.lookup(RESTRICTED).profiles
    assert anna.groups["orders"] == {"orders": 3, "revenue": 12.5, "last_ordered_at": "2026-05-01 10:00:00"}
    assert anna.masked == {"web": "analytics.behaviour: no_signal"} and anna.groups["web"] == {"sessions": None}
    assert list(restricted.masked) == ["contact", "orders", "web"]


def test_a_reader_keeps_its_file_and_the_next_lookup_sees_the_next_publication(home: Settings) -> None:
    held = sqlite3.connect(f"{profiles_file(home).as_uri()}?mode=ro&immutable=1", uri=True)
    with Profiles(home) as profiles:
        assert people(profiles, "anna@example.com") == [ANNA]
        with duckdb.connect(str(home.warehouse)) as connection:  # she is forgotten
            for table in ("customer_profile", "person_identifiers", "person_timeline"):
                connection.execute(f"delete from marts.{table} where person_id = $1", [ANNA])
        publish_marts(home, as_of=AS_OF + timedelta(days=1))
        assert people(profiles, "anna@example.com") == people(profiles, MERGED) == []
        (bo,) = profiles.lookup(BO).profiles
        assert bo.as_of == "2026-07-01 00:00:00"
    assert held.execute("select count(*) from profiles").fetchone() == (3,)
    held.close()
    assert ANNA.encode() not in profiles_file(home).read_bytes()


def withdraw(home: Settings, person: str, *purposes: str, consent: dict | None = None) -> None:
    closed = dict.fromkeys(purposes, "withdrawn")
    write_withheld(home, [Withheld(person, closed, consent or {})], as_of=AS_OF + timedelta(hours=9))


def test_what_was_withdrawn_since_the_publication_is_shown_no_more(home: Settings) -> None:
    with Profiles(home) as profiles:
        (before,) = profiles.lookup(BO).profiles
        withdraw(home, BO, "analytics.behaviour", consent={"permitted_uses": ["enrichment.social", "service"]})
        (bo,) = profiles.lookup(BO).profiles
        assert before.values["sessions"] == 5 and bo.values["sessions"] is None
        assert bo.masked == {"web": "analytics.behaviour: withdrawn"} and bo.groups["orders"] == before.groups["orders"]
        # what was permitted then and is now: a grant waits for the night
        assert bo.values["permitted_uses"] == ["service"] and bo.person_id == BO
        assert [touch.kind for touch in read_timeline(home, before)] == ["visit"] and read_timeline(home, bo) == []
        (anna,) = profiles.lookup(ANNA).profiles
        assert anna.values["orders"] == 3
        publish_marts(home, as_of=AS_OF)  # of a moment before it was said
        assert profiles.lookup(BO).profiles == (bo,)
        publish_marts(home, as_of=AS_OF + timedelta(days=1))
        assert profiles.lookup(BO).profiles[0].values["sessions"] == 5 and not withheld_file(home).exists()


def test_who_is_restricted_since_is_found_by_nothing_and_shown_nothing(home: Settings) -> None:
    with Profiles(home) as profiles:
        assert people(profiles, "x:@Bo") == people(profiles, "cookie:ck-0123456789") == [BO]
        withdraw(home, BO, "enrichment.social", "identity.linking")
        assert people(profiles, "x:@Bo") == people(profiles, "cookie:ck-0123456789") == []
        assert people(profiles, HOUSEHOLD) == [ANNA, BO]
        withdraw(home, BO, "service", "analytics.behaviour", "identity.linking")
        assert people(profiles, HOUSEHOLD) == [ANNA]
        (bo,) = profiles.lookup(BO).profiles
        assert bo.masked == dict.fromkeys(["contact", "orders", "web"], "service: withdrawn")
        assert bo.values["permitted_uses"] == []
        assert not [name for name, value in bo.values.items() if value and name != "person_id" and "masked" not in name]


def test_a_column_without_a_label_and_sources_that_were_linked_show_nothing(home: Settings) -> None:
    values = {"person_id": BO, "permitted_uses": ["identity.linking"], "contact_masked_reason": None,
              "sources": ["a", "b"], "new_masked_reason": None, "new": 1}  # fmt: skip
    labels = {"sources": ["service"], "new": None}
    one_source = values | {"sources": ["a"]}
    said = Withheld(BO, {"identity.linking": "withdrawn"}, {})
    assert closed_profile(values, labels, said)["sources"] is None
    assert closed_profile(one_source, labels, said) | {"new_masked_reason": ""} == one_source | {
        "permitted_uses": [], "new": None, "new_masked_reason": "",
    }  # fmt: skip


def test_no_identifier_is_in_the_store_in_clear_and_it_is_private(home: Settings) -> None:
    content = profiles_file(home).read_bytes()
    assert not any(clear in content for clear in (b"example.com", b"20123456"))
    assert profiles_file(home).stat().st_mode & 0o077 == 0


def test_the_command_shows_one_person_and_never_repeats_what_was_typed(home: Settings) -> None:
    def ask(*words: str) -> tuple[int, str]:
        answer = CliRunner(env={"SAMTYKKE_PEPPER": "a pepper of the tests"}).invoke(
            app, ["profile", *words, "--home", str(home.home)]
        )
        return answer.exit_code, answer.output

    code, text = ask("anna@example.com", "--json")
    told = json.loads(text)
    assert code == 0 and told["masked"] == {"web": "analytics.behaviour: no_signal"}
    assert [touch["kind"] for touch in told["timeline"]] == ["consent", "order"]
    assert [touch["kind"] for touch in json.loads(ask(ANNA, "--json", "--touches", "1")[1])["timeline"]] == ["consent"]
    code, text = ask("anna@example.com")
    assert code == 0 and "analytics.behaviour: no_signal" in text and "anna@" not in text
    code, text = ask("nobody@example.com")
    assert code == 2 and "no profile is published under this identifier" in text and "nobody@" not in text
    code, text = ask(HOUSEHOLD)
    assert code == 2 and ANNA in text and BO in text and HOUSEHOLD not in text
    code, text = ask("@@")
    assert code == 2 and "no identifier" in text and "@@" not in text


def test_a_home_without_profiles_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="run first: samtykke run"):
        Profiles(Settings(home=tmp_path))


def test_what_cannot_be_read_answers_nobody_and_is_written_again(home: Settings) -> None:
    withheld_file(home).write_text("no database")
    with Profiles(home) as profiles, pytest.raises(ConfigurationError, match="cannot be read"):
        profiles.lookup(ANNA)
    write_withheld(home, [], as_of=AS_OF)  # as the fast lane does
    profiles_file(home).chmod(0o600)
    profiles_file(home).write_text("no database")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Profiles(home)
    publish_marts(home, as_of=AS_OF)
    with Profiles(home) as profiles:
        assert people(profiles, "anna@example.com") == [ANNA]
