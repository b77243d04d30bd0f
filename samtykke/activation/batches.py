"""The batches of a build that is sent to a platform's interface, as the ledger keeps them.

A batch is written down with its idempotency key before anything of it leaves. ``leaving`` is written before the first
byte, so that after a crash it is known which batches may have arrived: those, and no others, are sent again, under
the key they had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from samtykke.activation.tables import registered, transaction
from samtykke.keys import identifier_key
from samtykke.storage.chain import append_chained


@dataclass(frozen=True)
class Build:
    """One export of one audience."""

    build_id: str
    recipient: str
    segment: str
    as_of: datetime
    adds: int
    removes: int
    policy_version: str
    purposes: str


@dataclass(frozen=True)
class Batching:
    """How a build's rows are cut: ``size`` rows a batch; as one exchange of the whole list if ``is_replace``."""

    size: int
    pepper: bytes
    is_replace: bool = False


@dataclass(frozen=True)
class Batch:
    """One batch as the ledger has it.

    Attributes:
        build_id: Its build.
        recipient: Who receives.
        segment: Which segment.
        number: From 1 within its build; removals come first.
        operation: ``remove``, ``add`` or ``replace``.
        group: Rows that may share a request; empty where that makes no difference.
        first_row: First ``seq`` of its rows in ``export_rows``.
        last_row: Last one.
        rows: How many rows it holds.
        key: The idempotency key, the same on every attempt.
        state: Its last event.
        request_id: How the platform calls it, once it has answered.
    """

    build_id: str
    recipient: str
    segment: str
    number: int
    operation: str
    group: str
    first_row: int
    last_row: int
    rows: int
    key: str
    state: str = "planned"
    request_id: str | None = None


_COLUMNS = (
    "build_id, recipient, segment, batch_number, operation, batch_group, first_row, last_row, row_count, "
    "idempotency_key, state, request_id"
)


def plan_batches(connection: duckdb.DuckDBPyConnection, build: Build, batching: Batching, now: datetime) -> None:
    """Write the batches of a build whose rows were just appended; the caller owns the transaction.

    Removals for which the platform has a call of its own (``account_wide``) are never part of a replacement.
    """
    cut = connection.execute(
        """
        with planned as (
            select 'remove' as operation, digest, batch_group from export_removes
            union all
            select 'add', digest, batch_group from export_adds
        ),
        kinds as (
            select
                rows.seq, rows.sent_sha256,
                $is_replace and planned.batch_group <> 'account_wide' as is_replaced,
                if(is_replaced, 'replace', planned.operation) as kind,
                if(is_replaced, '', planned.batch_group) as batch_group,
            from ledger.export_rows as rows
            inner join planned on rows.operation = planned.operation and rows.sent_sha256 = planned.digest
            where rows.build_id = $build_id
        ),
        numbered as (
            select *, dense_rank() over (partition by kind, batch_group order by sent_sha256) as place, from kinds
        )
        select
            kind, batch_group, min(seq), max(seq), count(distinct sent_sha256),
            string_agg(distinct sent_sha256, ' ' order by sent_sha256),
        from numbered
        group by kind, batch_group, if(kind = 'replace', 0, (place - 1) // $size)
        order by min(seq)
        """,
        {"build_id": build.build_id, "is_replace": batching.is_replace, "size": batching.size},
    ).fetchall()
    entries = []
    for number, (operation, group, first, last, rows, digests) in enumerate(cut, 1):
        content = f"{build.build_id}|{number}|{operation}|{group}|{digests}"
        key = identifier_key(batching.pepper, "batch", content).partition("_")[2]
        batch = Batch(build.build_id, build.recipient, build.segment, number, operation, group, first, last, rows, key)
        entries.append(_entry(batch, "planned", now))
    _append(connection, "delivery_batches", entries)


def record(connection: duckdb.DuckDBPyConnection, batch: Batch, event: str, now: datetime, **facts: object) -> None:
    """Write what became of a batch.

    Args:
        connection: A home's.
        batch: Which.
        event: ``leaving``, ``sent``, ``acknowledged``, ``failed`` or ``abandoned``.
        now: Our clock.
        facts: ``request_id``, ``accepted``, ``rejected``, ``matched_low``, ``matched_high``, ``code``.
    """
    with transaction(connection):
        _append(connection, "delivery_batches", [_entry(batch, event, now, **facts)])


def record_acknowledged(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    rejections: Mapping[str, str],
    now: datetime,
    **facts: object,
) -> None:
    """Write that a platform took a batch, and the rows it named as not taken: code by digest."""
    with transaction(connection):
        _append(
            connection,
            "delivery_rejections",
            [
                {
                    "build_id": batch.build_id,
                    "batch_number": batch.number,
                    "sent_sha256": digest,
                    "code": code,
                    "recorded_at": now,
                }
                for digest, code in sorted(rejections.items())
            ],
            order_by="sent_sha256",
        )
        _append(connection, "delivery_batches", [_entry(batch, "acknowledged", now, **facts)])


def batches_of(connection: duckdb.DuckDBPyConnection, build_id: str) -> list[Batch]:
    """Return the batches of a build in the order in which they leave."""
    stored = connection.execute(
        f"select {_COLUMNS} from ledger.delivery_batch_states where build_id = $1 order by batch_number", [build_id]
    )
    return [Batch(*row) for row in stored.fetchall()]


def digests_of(connection: duckdb.DuckDBPyConnection, batch: Batch) -> list[str]:
    """Return the digests of a batch's rows in their order."""
    stored = connection.execute(
        """
        select sent_sha256 from ledger.export_rows where seq between $1 and $2
        group by sent_sha256 order by min(seq)
        """,
        [batch.first_row, batch.last_row],
    )
    return [digest for (digest,) in stored.fetchall()]


def is_wanted(connection: duckdb.DuckDBPyConnection, batch: Batch) -> bool:
    """Tell whether every row of a batch is a row of the segment just composed, of the same identifiers."""
    stored = connection.execute(
        """
        with own as (
            select sent_sha256 as digest, list_sort(list(distinct identifier_key)) as keys
            from ledger.export_rows where seq between $1 and $2 group by sent_sha256
        ),
        wanted as (
            select digest, list_sort(list(distinct identifier_key)) as keys
            from export_desired_members group by digest
        )
        select not exists (from own anti join wanted on own.digest = wanted.digest and own.keys = wanted.keys)
        """,
        [batch.first_row, batch.last_row],
    )
    return stored.fetchone()[0]


def _entry(batch: Batch, event: str, now: datetime, **facts: object) -> dict[str, object]:
    known = {"request_id": batch.request_id, "accepted": None, "rejected": None}
    return {
        "build_id": batch.build_id,
        "recipient": batch.recipient,
        "segment": batch.segment,
        "batch_number": batch.number,
        "event": event,
        "operation": batch.operation,
        "batch_group": batch.group,
        "first_row": batch.first_row,
        "last_row": batch.last_row,
        "row_count": batch.rows,
        "idempotency_key": batch.key,
        "recorded_at": now,
        **known,
        "matched_low": None,
        "matched_high": None,
        "code": None,
        **facts,
    }


def _append(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    entries: list[dict[str, object]],
    order_by: str = "batch_number",
) -> None:
    if entries:
        with registered(connection, "batch_entries", pa.Table.from_pylist(entries)):
            append_chained(connection, f"ledger.{table}", "select * from batch_entries", order_by=order_by)


def attempts(connection: duckdb.DuckDBPyConnection, batch: Batch) -> int:
    """Return how often a batch began to leave."""
    return _one(connection, batch, "count(*) filter (event = 'leaving')")


def planned_at(connection: duckdb.DuckDBPyConnection, batch: Batch) -> datetime:
    """Return when a batch was planned, UTC."""
    return _one(connection, batch, "min(recorded_at)")


def last_addition(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> datetime | None:
    """Return when additions to an audience last began to leave, UTC; None if they never did."""
    (last,) = connection.execute(
        """
        select max(recorded_at) from ledger.delivery_batches
        where recipient = $1 and segment = $2 and operation = 'add' and event = 'leaving'
        """,
        [recipient, segment],
    ).fetchone()
    return last


def _one(connection: duckdb.DuckDBPyConnection, batch: Batch, expression: str):
    query = f"select {expression} from ledger.delivery_batches where build_id = $1 and batch_number = $2"
    return connection.execute(query, [batch.build_id, batch.number]).fetchone()[0]


def mark(connection: duckdb.DuckDBPyConnection, wanted: list[Batch], leaving: list[Batch]) -> None:
    """Write the rows of open batches for the planner: ``export_on_their_way`` and ``export_being_removed``."""
    for table, own in (("export_on_their_way", wanted), ("export_being_removed", leaving)):
        ranges = {"first_row": [one.first_row for one in own], "last_row": [one.last_row for one in own]}
        arrow = pa.table({name: pa.array(values, pa.int64()) for name, values in ranges.items()})
        with registered(connection, "export_ranges", arrow):
            connection.execute(f"""
                create or replace temporary table {table} as
                select
                    rows.sent_sha256 as digest, list_sort(list(distinct rows.identifier_key)) as keys,
                from ledger.export_rows as rows
                inner join export_ranges as ranges on rows.seq between ranges.first_row and ranges.last_row
                group by rows.sent_sha256
            """)


def endings(connection: duckdb.DuckDBPyConnection, build_id: str) -> bool | None:
    """Return whether a build counts as arrived; None while a batch of it is open."""
    return connection.execute(
        """
        select case
            when bool_or(state in ('planned', 'leaving', 'sent')) then null
            when bool_or(operation <> 'add') then bool_and(state = 'acknowledged' and coalesce(rejected, 0) = 0)
            else bool_or(state = 'acknowledged' or (state = 'abandoned' and may_have_left))
        end
        from ledger.delivery_batch_states where build_id = $1
        """,
        [build_id],
    ).fetchone()[0]
