"""What is held in one pass over the ledger is what arrived and may have arrived, each asked by itself."""

from __future__ import annotations

import duckdb
import pytest

from samtykke.storage.connect import migration_scripts


@pytest.fixture(scope="module")
def ledger():
    connection = duckdb.connect()
    for _, text in migration_scripts("ledger"):
        connection.execute(text)
    return connection


@pytest.mark.parametrize("seed", range(6))
def test_what_is_held_is_what_was_sent_or_is_unsettled(ledger, seed):
    ledger.execute("delete from export_rows; delete from export_builds; delete from delivery_batches")
    ledger.execute("delete from delivery_rejections")
    ledger.execute(f"""
        create or replace temp macro lot(i, salt, n) as (hash(hash(i, '{seed}' || salt)) % n)::int;
        insert into export_rows by name
        select
            i as seq, 'b' || i // 10 as build_id, 'r' || i // 10 % 2 as recipient, 's' as segment,
            if(lot(i, 'operation', 3) = 0, 'remove', 'add') as operation,
            ('00000000-0000-7000-8000-' || lpad(lot(i, 'person', 3)::varchar, 12, '0'))::uuid as person_id,
            'email' as identifier_kind, 'k' || lot(i, 'key', 4) as identifier_key,
            'd' || lot(i, 'row', 4) as sent_sha256,
            'p' as purposes, timestamp '2026-01-01' + to_hours(i) as as_of, '' as row_hash, '' as prev_hash,
        from range(400) as rows (i);
        insert into export_builds by name
        select
            row_number() over (order by i, entry) as seq, 'b' || i as build_id, 'r' || i % 2 as recipient,
            's' as segment,
            event, timestamp '2026-01-01' as as_of, timestamp '2026-01-01' as recorded_at, 5 as adds, 5 as removes,
            'v' as policy_version, '' as row_hash, '' as prev_hash,
        from range(40) as builds (i)
        cross join (values (1), (2)) as entries (entry)
        cross join lateral (
            select case when entry = 1 then 'requested'
                else ['requested', 'acknowledged', 'acknowledged', 'aborted'][lot(i, 'end', 4) + 1] end as event
        );
        insert into delivery_batches by name
        select
            row_number() over (order by i, half) as seq, 'b' || i as build_id, 'r' || i % 2 as recipient,
            's' as segment,
            half + 1 as batch_number,
            ['planned', 'leaving', 'sent', 'acknowledged', 'abandoned'][lot(i, 'batch' || half, 5) + 1] as event,
            'add' as operation, '' as batch_group, 10 * i + 5 * half as first_row, 10 * i + 5 * half + 4 as last_row,
            5 as row_count, '' as idempotency_key, timestamp '2026-01-01' as recorded_at, '' as row_hash,
            '' as prev_hash,
        from range(40) as builds (i) cross join range(2) as halves (half) where lot(i, 'sent', 2) = 0;
        insert into delivery_rejections by name
        select
            row_number() over () as seq, build_id, batch_number, 'd1' as sent_sha256, 'bad' as code,
            timestamp '2026-01-01' as recorded_at, '' as row_hash, '' as prev_hash,
        from delivery_batches where batch_number = 1;
    """)
    held, apart = (
        ledger.execute(
            f"select recipient, segment, identifier_key, identifier_kind from {name} order by all"
        ).fetchall()
        for name in ("held_identifiers", "(from sent_identifiers union all from unsettled_identifiers) group by all")
    )
    assert held == apart and held
    states = {state for (state,) in ledger.execute("select distinct row_state from export_row_states").fetchall()}
    assert states == {"arrived", "open", "uncertain", "rejected", "absent"}
