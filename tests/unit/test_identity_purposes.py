"""Whether two identifiers are one person for a purpose, as it is answered from what the models found."""

from __future__ import annotations

import duckdb
import pytest

from samtykke.identity.purposes import UnknownPurposeError, for_purpose

PERSON = "00000000-0000-7000-8000-000000000001"
USE = "analytics.behaviour"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """One person of three records: two contacts permit analysis, an order by phone does not."""
    connection = duckdb.connect()
    connection.execute(f"""
        create schema reference;
        create schema intermediate;
        create table reference.purposes as from (values
            ('{USE}', 'use', false), ('service', 'use', true), ('identity.linking', 'use', false),
            ('special.health', 'use', false), ('marketing', 'group', false))
            as t (purpose, kind, is_permitted_by_contract);
        create table intermediate.int_consent__person_permissions as from (values
            ('{PERSON}', '{USE}', true, 'given', 'granted'), ('{PERSON}', 'service', true, 'contract', 'contract'),
            ('{PERSON}', 'identity.linking', false, 'refused', 'granted'))
            as t (person_id, purpose, is_permitted, state, reason);
        create table intermediate.int_identity__claims as from (values
            ('contact', 'email'), ('contact', 'crm'), ('order', 'phone'), ('other', 'other'))
            as t (record_key, identifier_key);
        create table intermediate.int_identity__core_parts as from (values
            ('{PERSON}', 'contact', 'a'), ('{PERSON}', 'order', 'b'), ('{PERSON}', 'other', 'c'))
            as t (person_id, record_key, core_key);
        create table intermediate.int_identity__use_parts as from (values
            ('{PERSON}', '{USE}', 'a', 'a', true), ('{PERSON}', '{USE}', 'b', 'b', false),
            ('{PERSON}', '{USE}', 'c', 'c', true))
            as t (person_id, purpose, core_key, part_key, is_permitting);
        create table intermediate.int_identity__withheld_identifiers as from (values ('{PERSON}', '{USE}', 'phone'))
            as t (person_id, purpose, identifier_key);
    """)
    return connection


@pytest.mark.parametrize(
    ("person", "one", "other", "purpose", "reason"),
    [
        (None, "email", "phone", USE, "two_people"),
        (PERSON, "email", "phone", "service", "everything_links"),
        (PERSON, "email", "phone", "identity.linking", "person_not_permitted"),
        (PERSON, "email", "phone", "special.health", "person_not_permitted"),
        (PERSON, "email", "crm", USE, "linked_for_it"),
        (PERSON, "email", "phone", USE, "not_permitted_here"),
        (PERSON, "email", "other", USE, "no_link_for_the_purpose"),
    ],
)
def test_the_answer_names_what_keeps_them_apart(
    connection: duckdb.DuckDBPyConnection, person: str | None, one: str, other: str, purpose: str, reason: str
) -> None:
    answer = for_purpose(connection, person, one, other, purpose)
    assert answer.reason == reason
    assert answer.is_one is (reason in ("everything_links", "linked_for_it"))


def test_a_group_of_purposes_is_no_use(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UnknownPurposeError, match="marketing"):
        for_purpose(connection, PERSON, "email", "phone", "marketing")
