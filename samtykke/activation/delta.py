"""Plan what changes at a recipient, in SQL by key: what should be there against what the ledger says is there.

Reads the tables of ``compose``; writes ``export_standings``, ``export_held``, ``export_removes`` and ``export_adds``,
all temporary.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb

from samtykke.activation.destinations import DestinationSpec

PERMISSION_ENDED = "permission_ended"
IDENTIFIER_REPLACED = "identifier_replaced"
LEFT_SEGMENT = "left_segment"
AUDIENCE_RETIRED = "audience_retired"
EXPIRES_SOON = "expires_before_next_run"
REFRESH = "refresh"
# Fewer rows than these leave however large a share they are: a small audience changes by large shares every day.
_FEW = 10


@dataclass(frozen=True)
class Guards:
    """What keeps a plan from doing harm.

    Attributes:
        is_retired: The audience is no longer declared: everything comes back.
        is_source_empty: The segment found nobody because what it reads is empty. That is more likely a failure
            upstream than a decision, so only removals that a permission demands are made.
        max_removal_share: A larger share of what is held does not leave for having left the segment alone.
    """

    is_retired: bool = False
    is_source_empty: bool = False
    max_removal_share: float = 1.0


@dataclass(frozen=True)
class Delta:
    """Counts of a plan; its rows stand in ``export_removes`` and ``export_adds``.

    Attributes:
        removes: Rows to take out.
        adds: Rows to put in, those sent anew included.
        unchanged: Rows that stay as they are.
        held_back: Rows left in place by a guard, by the guard.
        reasons: Removed rows by reason.
        refreshed: Of the adds, rows sent anew because the platform would forget them.
        held: Rows that the recipient holds now.
    """

    removes: int
    adds: int
    unchanged: int
    held_back: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refreshed: int = 0
    held: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.removes and not self.adds

    def without(self, connection: duckdb.DuckDBPyConnection) -> Delta:
        """Return the counts after rows were taken out of ``export_removes``."""
        reasons = _reasons(connection)
        return replace(self, removes=reasons.total(), reasons=reasons)


def plan(
    connection: duckdb.DuckDBPyConnection,
    spec: DestinationSpec,
    recipient: str,
    segment: str,
    guards: Guards,
    *,
    refresh_before: datetime | None = None,
    standings: str = "activation.sent_standings",
) -> Delta:
    """Write the removals and additions that bring a recipient from what it holds to what it should hold.

    What may have left though nobody knows is held for a removal and not held for an addition: both are made.
    What is on its way (an open batch that is completed as it is) is neither added again nor removed.

    Args:
        connection: With the segment composed.
        spec: The destination.
        recipient: Who receives.
        segment: The segment that was composed.
        guards: What keeps the plan from doing harm.
        refresh_before: What was last sent at this moment or before is sent again; None never.
        standings: Table of the standings of what was sent, of this recipient at least.
    """
    _hold(connection, recipient, segment, standings)
    _remove(connection, guards)
    held_back = _hold_back(connection, guards)
    _add(connection, spec.matches_people, refresh_before)
    adds, refreshed, wanted, held = connection.execute("""
        select
            (select count(*) from export_adds), (select count(*) from export_adds where reason is not null),
            (select count(*) from export_desired), (select count(*) from export_held)
    """).fetchone()
    reasons = _reasons(connection)
    return Delta(reasons.total(), adds, wanted - adds, held_back, reasons, refreshed, held)


def _reasons(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    return Counter(dict(connection.execute("select reason, count(*) from export_removes group by reason").fetchall()))


def _hold(connection: duckdb.DuckDBPyConnection, recipient: str, segment: str, standings: str) -> None:
    connection.execute(
        f"""
        create or replace temporary table export_standings as
        select identifier_key, is_permitted, is_ending, person_id, event_id from {standings}
        where recipient = $1 and segment = $2
        """,
        [recipient, segment],
    )
    connection.execute(
        """
        create or replace temporary table export_held_members as
        select
            sent_sha256 as digest, person_id, identifier_key, any_value(identifier_kind) as identifier_kind,
            bool_or(is_certain) as is_certain, max(sent_for) as sent_for,
        from ledger.held_rows
        where recipient = $1 and segment = $2
        group by all
        """,
        [recipient, segment],
    )
    connection.execute("""
        create or replace temporary table export_held as
        select
            digest, list_sort(list(distinct identifier_key)) as keys, bool_and(is_certain) as is_certain,
            min(sent_for) as sent_for,
        from export_held_members group by digest
    """)
    connection.execute("""
        create or replace temporary table export_wanted as
        select digest, list_sort(list(distinct identifier_key)) as keys from export_desired_members group by digest
    """)


def _remove(connection: duckdb.DuckDBPyConnection, guards: Guards) -> None:
    """Held and not wanted; an identifier without a standing is not permitted."""
    connection.execute(
        f"""
        create or replace temporary table export_removes as
        with wanted_people as (select distinct person_id from export_desired_members),
        leaving as (
            select held.digest from export_held as held
            anti join export_wanted as wanted on held.digest = wanted.digest and held.keys = wanted.keys
        ),
        judged as (
            select
                leaving.digest,
                bool_and(coalesce(standings.is_permitted, false)) as is_permitted,
                bool_or(coalesce(standings.is_ending, false)) as is_ending,
                bool_or(members.person_id in (from wanted_people) or standings.person_id in (from wanted_people))
                    as is_replaced,
            from leaving
            inner join export_held_members as members using (digest)
            left join export_standings as standings using (identifier_key)
            group by leaving.digest
        )
        select
            digest,
            case
                when not is_permitted then '{PERMISSION_ENDED}'
                when is_ending then '{EXPIRES_SOON}'
                when {guards.is_retired} then '{AUDIENCE_RETIRED}'
                when is_replaced then '{IDENTIFIER_REPLACED}'
                else '{LEFT_SEGMENT}'
            end as reason,
            '' as batch_group,
        from judged
        where digest not in (select digest from export_being_removed)
        """
    )


def _hold_back(connection: duckdb.DuckDBPyConnection, guards: Guards) -> Counter[str]:
    leaving, held = connection.execute(
        "select (select count(*) from export_removes where reason = $1), (select count(*) from export_held)",
        [LEFT_SEGMENT],
    ).fetchone()
    if guards.is_source_empty:
        guard = "source_empty"
    elif leaving >= _FEW and leaving > held * guards.max_removal_share:
        guard = "mass_removal"
    else:
        return Counter()
    connection.execute("delete from export_removes where reason = $1", [LEFT_SEGMENT])
    return +Counter({guard: leaving})


def _add(connection: duckdb.DuckDBPyConnection, matches_people: bool, refresh_before: datetime | None) -> None:
    """Wanted and not held, and whoever a removal disturbs: people whose account is found through a removed row."""
    connection.execute(
        """
        create or replace temporary table export_adds as
        with leaving as (
            select members.person_id, members.identifier_key
            from export_removes inner join export_held_members as members using (digest)
            where $matches_people
        ),
        disturbed as (
            select person_id from leaving
            union
            select person_id from export_standings
            where person_id is not null and identifier_key in (select identifier_key from leaving)
        ),
        sent_again as (
            select distinct digest from export_desired_members where person_id in (from disturbed)
        )
        select
            wanted.digest,
            case when held.is_certain and sent_again.digest is null then 'refresh' end as reason,
            '' as batch_group,
        from export_wanted as wanted
        left join export_held as held on wanted.digest = held.digest and wanted.keys = held.keys
        left join export_on_their_way as on_their_way
            on wanted.digest = on_their_way.digest and wanted.keys = on_their_way.keys
        left join sent_again on wanted.digest = sent_again.digest
        where sent_again.digest is not null
            or (on_their_way.digest is null and coalesce(not held.is_certain, true))
            or (on_their_way.digest is null and held.sent_for <= $refresh_before)
        """,
        {"matches_people": matches_people, "refresh_before": refresh_before},
    )
