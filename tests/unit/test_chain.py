from __future__ import annotations

import duckdb
import pytest

from samtykke.storage.chain import append_chained, first_broken_link


@pytest.fixture
def ledger():
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as ledger")
    connection.execute("""
        create table ledger.events (
            seq bigint primary key, name varchar not null, happened_at timestamp not null, is_default boolean,
            row_hash varchar not null, prev_hash varchar not null,
        )
    """)
    return connection


def append(connection, *names):
    values = ", ".join(f"('{name}', timestamp '2026-01-01 00:00:00', null)" for name in names)
    return append_chained(
        connection,
        "ledger.events",
        f"select * from (values {values}) t(name, happened_at, is_default)",
        order_by="name",
    )


def test_rows_continue_the_chain_in_the_given_order(ledger):
    assert append(ledger, "b", "a") == 2  # numbered in the declared order, not as passed
    assert append(ledger, "c") == 1
    stored = ledger.execute("select seq, name from ledger.events order by seq").fetchall()
    assert stored == [(1, "a"), (2, "b"), (3, "c")]
    assert first_broken_link(ledger, "ledger.events") is None


def test_nothing_to_append_changes_nothing(ledger):
    append(ledger, "a")
    nothing = "select name, happened_at, is_default from ledger.events where false"
    assert append_chained(ledger, "ledger.events", nothing, order_by="name") == 0
    assert first_broken_link(ledger, "ledger.events") is None


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("update ledger.events set name = 'x' where seq = 2", 2),
        ("update ledger.events set happened_at = happened_at + interval 1 second where seq = 3", 3),
        ("update ledger.events set is_default = false where seq = 1", 1),
        ("delete from ledger.events where seq = 2", 3),
    ],
)
def test_a_changed_or_removed_row_is_found(ledger, tampering, broken):
    append(ledger, "a", "b", "c")
    ledger.execute(tampering)
    assert first_broken_link(ledger, "ledger.events") == broken


def test_an_append_is_part_of_the_callers_transaction(ledger):
    ledger.execute("begin")
    append(ledger, "a")
    ledger.execute("rollback")
    assert ledger.execute("select count(*) from ledger.events").fetchone() == (0,)
