"""The ledger of obligations: what must come back from a recipient, or be told to it, by when.

A consent model decides what is due (``activation.obligations_due``); here it is written down once, so that it stands
whatever a later build says. Whether a removal has left is read off the export ledger; that a recipient was notified
only a person can say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from samtykke.activation.tables import registered, transaction
from samtykke.storage.chain import append_chained

_TABLE = "ledger.obligation_events"
_ORDER = "duty desc, recipient, segment, identifier_key, cause, deciding_event_id"


# Open is opened once: while it is not met; for what was acknowledged by hand, until something new leaves; a notice
# for good, and not at all where the same cause takes the identifier back: the removal tells it.
def _new(as_of: datetime, now: datetime) -> str:
    return f"""
    select
        'o' || left(sha256(concat_ws('|', duty, recipient, segment, identifier_key, cause, deciding_event_id,
            export_seq)), 16) as obligation_id,
        'opened' as event, due.* exclude (due_hours, known_at),
        coalesce(due.known_at, timestamp '{now}') as known_at,
        greatest(due.caused_at, coalesce(due.known_at, timestamp '{now}')) + to_hours(due.due_hours) as due_at,
        timestamp '{as_of}' as as_of, null as recorded_by, null as reference, timestamp '{now}' as recorded_at,
    from activation.obligations_due as due
    where not exists (
        from ledger.obligation_states as earlier
        where earlier.recipient = due.recipient and earlier.identifier_key = due.identifier_key
            and case
                when due.duty = 'remove' then
                    earlier.duty = 'remove' and earlier.segment = due.segment
                    and (earlier.met_at is null or due.export_seq <= earlier.export_seq)
                when earlier.duty = 'notify' then
                    earlier.cause = due.cause
                    and earlier.deciding_event_id is not distinct from due.deciding_event_id
                else
                    due.export_seq <= earlier.export_seq
                    and (earlier.cause = due.cause or due.cause not in ('erased', 'restricted'))
            end
    )
"""


class UnknownObligationError(ValueError):
    """There is no open obligation of that id."""


@dataclass(frozen=True)
class Obligation:
    """One obligation that is not met; no identifier is in it but by key."""

    obligation_id: str
    duty: str
    recipient: str
    segment: str | None
    person_id: str
    identifier_key: str
    cause: str
    caused_at: datetime | None
    known_at: datetime
    due_at: datetime
    is_overdue: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def open_due(connection: duckdb.DuckDBPyConnection, *, as_of: datetime, now: datetime) -> int:
    """Open every obligation that is due and not open yet, in one transaction.

    Args:
        connection: The home's warehouse with ``ledger`` attached for writing.
        as_of: The moment the last dbt build answers for, UTC.
        now: Our clock, UTC.

    Returns:
        How many were opened.
    """
    with transaction(connection):
        return append_chained(connection, _TABLE, _new(as_of, now), order_by=_ORDER)


def due(connection: duckdb.DuckDBPyConnection, *, as_of: datetime, now: datetime, duty: str) -> pa.Table:
    """Return what ``open_due`` would open of one duty (``remove``, ``notify``), as rows for ``open_these``."""
    query = f"select * from ({_new(as_of, now)}) where duty = $1"
    return connection.execute(query, [duty]).to_arrow_table()


def open_these(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> int:
    """Open obligations that ``due`` found on the same ledger, in one transaction; return how many."""
    with registered(connection, "obligations_found", rows), transaction(connection):
        return append_chained(connection, _TABLE, "select * from obligations_found", order_by=_ORDER)


def unmet(connection: duckdb.DuckDBPyConnection, *, at: datetime) -> list[Obligation]:
    """Return the obligations that are not met, the most urgent first.

    Args:
        connection: Has ``ledger`` attached.
        at: From when on a due time counts as missed, UTC.
    """
    stored = connection.execute(
        """
        select obligation_id, duty, recipient, segment, person_id::varchar, identifier_key, cause, caused_at, known_at,
            due_at, due_at <= $1
        from ledger.obligation_states where met_at is null order by due_at, seq
        """,
        [at],
    )
    return [Obligation(*row) for row in stored.fetchall()]


def overdue_sentence(obligations: Iterable[Obligation]) -> str:
    """Say in one sentence what is overdue, by recipient and duty; empty if nothing is."""
    counts = Counter((one.recipient, one.duty) for one in obligations if one.is_overdue)
    parts = [f"{recipient}: {number} to {duty}" for (recipient, duty), number in sorted(counts.items())]
    if not parts:
        return ""
    total = sum(counts.values())
    noun = "obligation is" if total == 1 else "obligations are"
    return f"{total} {noun} overdue ({', '.join(parts)}); `samtykke obligations` lists them"


def acknowledge(
    connection: duckdb.DuckDBPyConnection, obligation_id: str, *, by: str, reference: str | None, now: datetime
) -> None:
    """Write that somebody met an obligation by hand: a notice given, or a removal that no file could make.

    Args:
        connection: Has ``ledger`` attached for writing.
        obligation_id: As ``unmet`` lists it.
        by: Who answers for it.
        reference: Where the proof lies, such as a ticket.
        now: Our clock, UTC.

    Raises:
        UnknownObligationError: It does not exist, or is met already.
    """
    (known,) = connection.execute(
        "select count(*) from ledger.obligation_states where obligation_id = $1 and met_at is null", [obligation_id]
    ).fetchone()
    if not known:
        raise UnknownObligationError(f"no open obligation {obligation_id}; `samtykke obligations` lists them")
    entry = {
        "obligation_id": obligation_id, "event": "acknowledged", "recorded_by": by, "reference": reference,
        "recorded_at": now,
    }  # fmt: skip
    connection.register("acknowledgement", pa.Table.from_pylist([entry]))
    blank = f"(select * from {_TABLE} limit 0)"
    query = f"select * exclude (seq, row_hash, prev_hash) from {blank} union all by name select * from acknowledgement"
    connection.execute("begin")
    try:
        append_chained(connection, _TABLE, query, order_by="obligation_id")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    finally:
        connection.unregister("acknowledgement")
