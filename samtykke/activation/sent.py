"""The export ledger: what was requested, acknowledged or aborted, and what a recipient therefore holds.

An export is two entries: ``requested`` with all its rows in one transaction before anything leaves, and
``acknowledged`` once it has. A crash in between leaves a build open; the next export settles it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from samtykke.activation.delta import Delta, Standing
from samtykke.activation.rows import Member, Row
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


def held_rows(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> list[Row]:
    """Return the rows that a recipient holds for a segment, as the ledger knows them: without their cells."""
    members: dict[str, set[Member]] = defaultdict(set)
    stored = connection.execute(
        """
        select sent_sha256, person_id::varchar, identifier_key, identifier_kind
        from ledger.sent_identifiers where recipient = $1 and segment = $2
        """,
        [recipient, segment],
    )
    for digest, person_id, key, kind in stored.fetchall():
        members[digest].add(Member(person_id, key, kind))
    return [Row(digest, (), frozenset(theirs)) for digest, theirs in members.items()]


def rows_until(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str, moment: datetime) -> frozenset[str]:
    """Return the digests of the rows held for a segment that were sent as of a moment or before it."""
    stored = connection.execute(
        "select sent_sha256 from ledger.sent_identifiers where recipient = $1 and segment = $2 and as_of <= $3",
        [recipient, segment, moment],
    )
    return frozenset(digest for (digest,) in stored.fetchall())


def audiences_with_history(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Return every (recipient, segment) that holds something or has an open build."""
    return set(
        connection.execute("""
            select recipient, segment from ledger.sent_identifiers
            union
            select recipient, segment from ledger.export_build_states where state = 'requested'
        """).fetchall()
    )


def acknowledged_builds(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> list[str]:
    """Return the ids of the builds of an audience that left, newest first."""
    stored = connection.execute(
        """
        select build_id from ledger.export_builds
        where recipient = $1 and segment = $2 and event = 'acknowledged' order by seq desc
        """,
        [recipient, segment],
    )
    return [build_id for (build_id,) in stored.fetchall()]


def open_builds(connection: duckdb.DuckDBPyConnection) -> list[Build]:
    """Return the builds that were requested and neither acknowledged nor aborted, oldest first."""
    stored = connection.execute("""
        select build_id, recipient, segment, as_of, adds, removes, policy_version
        from ledger.export_build_states where state = 'requested' order by requested_at, build_id
    """)
    return [Build(*row, purposes="") for row in stored.fetchall()]


def requested_rows(connection: duckdb.DuckDBPyConnection, build_id: str) -> set[tuple[str, str, str]]:
    """Return (operation, digest, identifier key) of a build's rows."""
    stored = connection.execute(
        "select operation, sent_sha256, identifier_key from ledger.export_rows where build_id = $1",
        [build_id],
    )
    return set(stored.fetchall())


def planned_rows(delta: Delta) -> set[tuple[str, str, str]]:
    """Return (operation, digest, identifier key) of what a delta would put into the ledger."""
    removed = {("remove", row.digest, member.identifier_key) for row, _ in delta.removes for member in row.members}
    return removed | {("add", row.digest, member.identifier_key) for row in delta.adds for member in row.members}


def request(
    connection: duckdb.DuckDBPyConnection,
    build: Build,
    delta: Delta,
    standings: Mapping[str, Standing],
    now: datetime,
) -> None:
    """Write that a build is about to leave, with all its rows, in one transaction; removals first."""
    connection.execute("begin")
    try:
        _append_event(connection, build, "requested", None, now)
        _append(
            connection,
            "ledger.export_rows",
            _ledger_table(build, delta, standings),
            order_by="operation desc, sent_sha256, identifier_key, person_id",
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def acknowledge(connection: duckdb.DuckDBPyConnection, build: Build, manifest: str, now: datetime) -> None:
    """Write that an open build has left; ``manifest`` is the keyed digest of its manifest."""
    _append_event(connection, build, "acknowledged", manifest, now)


def abort(connection: duckdb.DuckDBPyConnection, build: Build, now: datetime) -> None:
    """Write that an open build never left."""
    _append_event(connection, build, "aborted", None, now)


def _append_event(
    connection: duckdb.DuckDBPyConnection, build: Build, event: str, manifest: str | None, now: datetime
) -> None:
    entry = {
        "build_id": build.build_id,
        "recipient": build.recipient,
        "segment": build.segment,
        "event": event,
        "as_of": build.as_of,
        "recorded_at": now,
        "adds": build.adds,
        "removes": build.removes,
        "policy_version": build.policy_version,
        "manifest_sha256": manifest,
    }
    _append(connection, "ledger.export_builds", pa.Table.from_pylist([entry]), order_by="build_id")


def _ledger_table(build: Build, delta: Delta, standings: Mapping[str, Standing]) -> pa.Table:
    rows = [
        ("remove", row.digest, member, _ended_by(standings.get(member.identifier_key)), reason)
        for row, reason in delta.removes
        for member in row.members
    ]
    rows += [
        ("add", row.digest, member, member.authorising_event_id, None) for row in delta.adds for member in row.members
    ]
    operations, digests, members, events, reasons = zip(*rows, strict=True)
    return pa.table(
        {
            "build_id": [build.build_id] * len(rows),
            "recipient": [build.recipient] * len(rows),
            "segment": [build.segment] * len(rows),
            "operation": operations,
            "person_id": [member.person_id for member in members],
            "identifier_kind": [member.identifier_kind for member in members],
            "identifier_key": [member.identifier_key for member in members],
            "sent_sha256": digests,
            "purposes": [build.purposes] * len(rows),
            "authorising_event_id": events,
            "reason": reasons,
            "as_of": [build.as_of] * len(rows),
        }
    )


def _ended_by(standing: Standing | None) -> str | None:
    return standing.event_id if standing and not standing.is_permitted else None


def _append(connection: duckdb.DuckDBPyConnection, table: str, entries: pa.Table, *, order_by: str) -> None:
    connection.register("export_entries", entries)
    try:
        append_chained(connection, table, "select * from export_entries", order_by=order_by)
    finally:
        connection.unregister("export_entries")
