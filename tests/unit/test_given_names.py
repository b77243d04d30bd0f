"""Which given names may be one person's, and what a home outside the vault learns of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from samtykke.identity.names import number_names
from samtykke.keys import identifier_key
from samtykke.settings import Settings, load_settings
from samtykke.storage.connect import open_home, prepare_home

PROJECT = Path(__file__).resolve().parents[2]
Pairs = set[frozenset[str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(home=tmp_path)
    prepare_home(settings)
    return settings


def deliver(settings: Settings, names: list[str], addresses: tuple[str, ...] = ()) -> None:
    """Contacts of these names, and addresses somebody wrote from, as the loader leaves them in vault and warehouse."""
    with open_home(settings, vault=True) as connection:
        for name in names:
            (line,) = connection.execute("select count(*) from raw.contacts").fetchone() or (0,)
            place = [f"r{line}", "file", line]
            connection.execute(
                "insert into vault.contact_details (record_key, file_id, line_number, first_name_norm) "
                "values ($1, $2, $3, $4)",
                [*place, name],
            )
            connection.execute(
                "insert into raw.contacts (record_key, source, has_name, has_address, file_id, line_number, loaded_at) "
                "values ($1, 'crm', true, false, $2, $3, timestamp '2026-01-01')",
                place,
            )
        for address in addresses:
            connection.execute(
                "insert into vault.identifiers values (identifier_key('email', $1), 'email', $1, 1, '2026-01-01')",
                [address],
            )
        number_names(connection, PROJECT)


def compatible(settings: Settings) -> Pairs:
    with open_home(settings, read_only=True, vault=True) as connection:
        rows = connection.execute("""
            select a.given_name, b.given_name from raw.compatible_names as n
            inner join vault.given_names as a on n.name_number = a.name_number
            inner join vault.given_names as b on n.other_number = b.name_number
        """).fetchall()
    assert {(b, a) for a, b in rows} == set(rows), "both ways round"
    return {frozenset(row) for row in rows}


ONE_PERSON = [
    ("katharina", "trine"),  # short form
    ("jørgen", "jürgen"),  # two spellings of Georg
    ("bjørn", "bjorn"),
    ("lars erik", "erik"),
    ("maria kees", "mia"),
    ("anne-mette", "annemette"),
    ("zeynep kaya", "zeynep yilmaz"),  # a surname in the wrong field
    ("a", "anna"),
    ("magdalna", "magdalena"),  # mistyped
]
TWO_PEOPLE = [
    ("anna", "peter"),
    ("christian", "christina"),  # alike, but both are names
    ("per", "pernille"),
    ("a", "peter"),
    ("anna maria", "eva maria"),
]


def test_names_of_one_person_and_of_two(settings: Settings) -> None:
    deliver(settings, sorted({name for pair in ONE_PERSON + TWO_PEOPLE for name in pair}))
    pairs = compatible(settings)
    assert [pair for pair in ONE_PERSON if frozenset(pair) not in pairs] == []
    assert [pair for pair in TWO_PEOPLE if frozenset(pair) in pairs] == []


def test_the_order_of_arrival_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMTYKKE_PEPPER", "one secret for both homes, long enough to be one")
    names = ["anna", "ann", "hanna", "peter", "petr", "lars erik", "erik", "x"]
    homes: list[tuple] = []
    for order, parts in (("forth", [names]), ("back", [[name] for name in reversed(names)])):
        settings = load_settings(home=tmp_path / order)
        prepare_home(settings)
        for part in parts:
            deliver(settings, part)
        with open_home(settings, read_only=True) as connection:
            pairs = connection.execute("select * from raw.compatible_names order by all").fetchall()
            numbers = connection.execute("select distinct name_number from raw.contacts order by all").fetchall()
        homes.append((pairs, numbers, compatible(settings)))
    assert homes[0] == homes[1]
    assert len(homes[0][1]) == len(names)


def test_a_name_that_nobody_bears_any_more_is_forgotten(settings: Settings) -> None:
    deliver(settings, [])
    seed = compatible(settings)
    deliver(settings, ["annavera", "annaverra"])  # which no list of names knows
    assert compatible(settings) - seed >= {frozenset({"annavera", "annaverra"})}
    with open_home(settings, vault=True) as connection:
        connection.execute("delete from vault.contact_details")
        number_names(connection, PROJECT)
        found = connection.execute("select given_name from vault.given_names where given_name like 'annaver%'")
        assert found.fetchall() == []
    assert compatible(settings) == seed


def test_an_address_states_a_name_of_the_list_whoever_bears_what(settings: Settings) -> None:
    addresses = (
        "anna.jensen@post.example",
        "jorgen_jensen+news@post.example",
        "jensen.anna@post.example",  # a surname may be a given name too: only the first part is read
        "anna@post.example",  # may stand for a household or a business
        "familien.lindqvist@post.example",
    )
    deliver(settings, ["familien"] * 9, addresses)
    with open_home(settings, read_only=True, vault=True) as connection:
        found = connection.execute("""
            select e.identifier_key, g.given_name from raw.email_names as e
            inner join vault.given_names as g on e.name_number = g.name_number
        """).fetchall()
    pepper = settings.pepper_bytes
    said = {identifier_key(pepper, "email", address): address for address in addresses}
    spellings = {"anna": "anna", **dict.fromkeys(("jørgen", "jörgen", "jorgen"), "jørgen")}  # of one form
    assert {said[key]: spellings[name] for key, name in found} == {addresses[0]: "anna", addresses[1]: "jørgen"}
