"""The export ledger: what was requested, acknowledged or aborted, and what a recipient therefore holds.

An export is two entries: ``requested`` with all its rows in one transaction before anything leaves, and
``acknowledged`` once it has. A crash in between leaves a build open; the next export settles it. What is sent to a
platform piece by piece has entries of its own: see ``batches``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import duckdb
import pyarrow as pa

from samtykke.activation.batches import Batching, Build, plan_batches
from samtykke.activation.tables import registered, transaction
from samtykke.storage.chain import append_chained

REMOVE, ADD = "remove", "add"
BOTH = (REMOVE, ADD)
# What a build would put into the ledger: the rows of export_removes and export_adds, an entry per identifier.
_PLANNED = """
    select
        'remove' as operation, removes.batch_group, members.person_id, members.identifier_kind, members.identifier_key,
        removes.digest as sent_sha256, removes.reason,
        case when not standings.is_permitted then standings.event_id end as authorising_event_id,
    from export_removes as removes
    inner join export_held_members as members using (digest)
    left join export_standings as standings on members.identifier_key = standings.identifier_key
    where {removes}
    union all
    select
        'add' as operation, adds.batch_group, members.person_id, members.identifier_kind, members.identifier_key,
        adds.digest as sent_sha256, adds.reason, members.authorising_event_id,
    from export_adds as adds
    inner join export_desired_members as members using (digest)
    where {adds}
"""


def _planned(operations: Collection[str]) -> str:
    return _PLANNED.format(removes=REMOVE in operations, adds=ADD in operations)


def rows_until(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str, moment: datetime) -> frozenset[str]:
    """Return the digests of the rows held for a segment that were sent as of a moment or before it."""
    stored = connection.execute(
        "select sent_sha256 from ledger.sent_identifiers where recipient = $1 and segment = $2 and as_of <= $3",
        [recipient, segment, moment],
    )
    return frozenset(digest for (digest,) in stored.fetchall())


def audiences_with_history(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Return every (recipient, segment) that holds something, or may, or has an open build."""
    return set(
        connection.execute("""
            select recipient, segment from ledger.held_identifiers
            union
            select recipient, segment from ledger.export_build_states where state = 'requested'
        """).fetchall()
    )


def undeclared_recipients(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return who holds something, or may, and is no recipient any more, in order."""
    declared = {
        recipient for (recipient,) in connection.execute("select recipient from reference.recipients").fetchall()
    }
    return sorted({recipient for recipient, _ in audiences_with_history(connection)} - declared)


def builds_so_far(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> int:
    """Return how many builds of an audience left, and how many were sent in part."""
    stored = connection.execute(
        """
        select count(*) from ledger.export_build_states
        where recipient = $1 and segment = $2
            and (state = 'acknowledged' or build_id in (select build_id from ledger.delivery_batches))
        """,
        [recipient, segment],
    )
    return stored.fetchone()[0]


def builds_with_files(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str) -> list[str]:
    """Return the ids of the builds of an audience that may have left, newest first."""
    stored = connection.execute(
        """
        select build_id from ledger.export_builds where recipient = $1 and segment = $2
        group by build_id having bool_or(event = 'acknowledged')
            or build_id in (select build_id from ledger.delivery_batches)
        order by max(seq) desc
        """,
        [recipient, segment],
    )
    return [build_id for (build_id,) in stored.fetchall()]


def was_reached(connection: duckdb.DuckDBPyConnection, recipient: str) -> bool:
    """Whether anything was ever to leave for a recipient's interface."""
    return bool(
        connection.execute("select 1 from ledger.delivery_batches where recipient = $1 limit 1", [recipient]).fetchall()
    )


def open_builds(connection: duckdb.DuckDBPyConnection, *, in_batches: bool) -> list[Build]:
    """Return the builds that were requested and neither acknowledged nor aborted, oldest first.

    Args:
        connection: A home's.
        in_batches: Those that are sent in batches, else those that are files.
    """
    stored = connection.execute(
        """
        select build_id, recipient, segment, as_of, adds, removes, policy_version
        from ledger.export_build_states
        where state = 'requested' and (build_id in (select build_id from ledger.delivery_batches)) = $1
        order by requested_at, build_id
        """,
        [in_batches],
    )
    return [Build(*row, purposes="") for row in stored.fetchall()]


def is_requested(connection: duckdb.DuckDBPyConnection, build: Build) -> bool:
    """Tell whether the ledger's rows of a build are the rows now planned."""
    rows = f"""
        with planned as ({_planned(BOTH)}),
        requested as (
            select operation, sent_sha256, identifier_key from ledger.export_rows where build_id = $build_id
        ),
        own as (select operation, sent_sha256, identifier_key from planned)
        select not exists (from own except from requested) and not exists (from requested except from own)
    """
    return connection.execute(rows, {"build_id": build.build_id}).fetchone()[0]


def request(
    connection: duckdb.DuckDBPyConnection,
    build: Build,
    now: datetime,
    *,
    operations: Collection[str] = BOTH,
    batching: Batching | None = None,
) -> None:
    """Write that a build is about to leave, with all its rows and batches, in one transaction; removals first.

    Args:
        connection: A home's.
        build: The build; its rows stand in ``export_removes`` and ``export_adds``.
        now: Our clock.
        operations: Of these only, its rows are part of the build.
        batching: How its rows are cut into batches; None for a build that leaves as files.
    """
    with transaction(connection):
        _append_event(connection, build, "requested", None, now)
        _append_rows(connection, build, operations)
        if batching:
            plan_batches(connection, build, batching, now)


def _append_rows(connection: duckdb.DuckDBPyConnection, build: Build, operations: Collection[str]) -> None:
    constants = pa.Table.from_pylist(
        [
            {
                "build_id": build.build_id,
                "recipient": build.recipient,
                "segment": build.segment,
                "purposes": build.purposes,
                "as_of": build.as_of,
            }
        ]
    )
    with registered(connection, "export_build", constants):
        append_chained(
            connection,
            "ledger.export_rows",
            f"select * from ({_planned(operations)}), export_build",
            order_by="operation desc, batch_group desc, sent_sha256, identifier_key, person_id",
        )


def acknowledge(connection: duckdb.DuckDBPyConnection, build: Build, manifest: str, now: datetime) -> None:
    """Write that an open build has left; ``manifest`` is the keyed digest of its manifest."""
    _append_event(connection, build, "acknowledged", manifest, now)


def abort(connection: duckdb.DuckDBPyConnection, build: Build, now: datetime) -> None:
    """Write that an open build never left, or never will as a whole."""
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
    with registered(connection, "export_event", pa.Table.from_pylist([entry])):
        append_chained(connection, "ledger.export_builds", "select * from export_event", order_by="build_id")
