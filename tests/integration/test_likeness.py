"""Records compared behind the vault's boundary: who is compared, what leaves, what a night does anew."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from samtykke.identity.likeness.records import Compared, compare_records
from samtykke.identity.likeness.waterfall import Bar, Likeness, svg
from samtykke.settings import Settings, load_settings
from samtykke.storage.connect import open_home, prepare_home

SEEN = datetime(2026, 1, 1)
ANNA = ("anna", "berg", "1980-02-03", "kirkevej 7", "5000")
# By key: what the record says, and whether somebody said yes or no to linking by its address.
RECORDS = {
    "anna": (ANNA, "yes"),
    "anna_again": (("ana", "berg", "1980-02-03", "kirkevej 7", "5000"), "yes"),
    "anna_silent": (ANNA, "nothing"),
    "anna_refusing": (ANNA, "no"),
    "peter": (("peter", "lund", "1971-09-12", "havnegade 3", "8000"), "yes"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(home=tmp_path)
    build_from_nothing(settings)
    for key, (said, word) in RECORDS.items():
        deliver(settings, key, said, word)
    return settings


def build_from_nothing(settings: Settings) -> None:
    settings.warehouse.unlink(missing_ok=True)
    prepare_home(settings)
    with open_home(settings, vault=True) as connection:
        connection.execute("""
            create schema staging; create schema intermediate;
            create view staging.stg_crm__contacts as select * from raw.contacts;
            create table intermediate.int_consent__permissions (identifier_key varchar, purpose varchar,
                channel varchar, recipient varchar, controller varchar, is_permitted boolean);
            create table intermediate.int_consent__denials (identifier_key varchar, purpose varchar);
        """)


def deliver(settings: Settings, key: str, said: tuple[str, ...], word: str) -> None:
    """Write a contact as the loader leaves it, and what consent says of its address."""
    given, surname, born, street, postal_code = said
    with open_home(settings, vault=True) as connection:
        connection.execute(
            "insert into raw.contacts (record_key, source, email_key, birth_date, has_name, has_address, file_id, "
            "line_number, loaded_at) values ($1, 'crm', $2, $3, true, true, 'file', 1, $4)",
            [key, f"address of {key}", born, SEEN],
        )
        connection.execute(
            "insert into vault.contact_details (record_key, file_id, line_number, first_name_norm, last_name_norm, "
            "street, postal_code) values ($1, 'file', 1, $2, $3, $4, $5)",
            [key, given, surname, street, postal_code],
        )
        purpose = ["identity.linking", f"address of {key}"]
        if word == "yes":
            connection.execute(
                "insert into intermediate.int_consent__permissions values ($2, $1, null, null, 'company', true)",
                purpose,
            )
        if word == "no":
            connection.execute("insert into intermediate.int_consent__denials values ($2, $1)", purpose)


def compare(settings: Settings) -> Compared:
    with open_home(settings, vault=True) as connection:
        return compare_records(connection, settings)


def pairs(settings: Settings) -> list[tuple]:
    with open_home(settings, read_only=True) as connection:
        return connection.execute("select * from ledger.record_pairs order by record_a, record_b").fetchall()


def test_only_those_who_permit_it_are_compared_and_no_value_leaves(settings: Settings) -> None:
    assert compare(settings).fresh == 3
    ((record_a, record_b, weight, evidence, _),) = pairs(settings)
    assert (record_a, record_b) == ("anna", "anna_again")
    assert weight > 6
    assert {said["comparison"]: said["level"] for said in evidence}["street"] == "equal"
    with open_home(settings, read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'warehouse'"
        ).fetchall()
    assert not [name for (name,) in tables if "splink" in name]
    assert b"kirkevej" not in settings.warehouse.read_bytes()


def test_a_night_compares_what_is_new_and_comes_to_what_all_at_once_would(settings: Settings) -> None:
    compare(settings)
    before = pairs(settings)
    assert compare(settings).fresh == 0
    assert pairs(settings) == before
    deliver(settings, "anna_third", ANNA, "yes")
    assert compare(settings).fresh == 1
    step_by_step = pairs(settings)
    assert len(step_by_step) == 3
    with open_home(settings) as connection:
        connection.execute("delete from ledger.compared_records; delete from ledger.record_pairs")
    assert compare(settings).fresh == 4
    assert pairs(settings) == step_by_step


def test_what_was_found_before_a_withdrawal_outlives_the_warehouse(settings: Settings) -> None:
    compare(settings)
    before = pairs(settings)
    build_from_nothing(settings)
    for key, (said, word) in RECORDS.items():
        deliver(settings, key, said, "no" if key == "anna" else word)
    assert compare(settings).fresh == 0
    assert pairs(settings) == before


def test_a_record_that_says_something_else_is_compared_again(settings: Settings) -> None:
    compare(settings)
    with open_home(settings, vault=True) as connection:
        connection.execute(
            "update vault.contact_details set first_name_norm = 'karl', last_name_norm = 'holm', street = null, "
            "postal_code = '1000' where record_key = 'anna_again'"
        )
        connection.execute("update raw.contacts set birth_date = '1950-05-05' where record_key = 'anna_again'")
    assert compare(settings).fresh == 1
    assert pairs(settings) == []


def test_the_picture_adds_up_and_says_what_was_decided() -> None:
    likeness = Likeness(
        "k", "veto", "given_name", 3.0, ("crm", "mail"), (Bar("chance", "", -10.0), Bar("born", "equal", 13.0))
    )
    picture = svg(likeness)
    assert picture.count("<rect") == 4
    assert "date of birth: equal" in picture
    assert "their given names are two people's".replace("'", "&#x27;") in picture
