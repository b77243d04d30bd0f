"""Make less of a plan: what a guard keeps waiting, what is beyond a limit, everything but withdrawals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import duckdb

from samtykke.activation.delta import PERMISSION_ENDED, Delta

# Rows of somebody who withdrew in part: the platform takes out the person, and nobody is put in again.
TAKEN_ALONG = "taken_along"

# Held for certain and not due for a refresh: planned again only because a removal takes the person out.
_SENT_AGAIN = "(export_adds.reason is null and digest in (select digest from export_held where is_certain))"


def at_most(connection: duckdb.DuckDBPyConnection, delta: Delta, limit: int) -> tuple[Delta, int]:
    """Keep so many additions of a plan, always the same ones of the same plan.

    Rows of people whom a removal disturbs all stay: they are at the recipient and would be lost there.

    Args:
        connection: With the plan's tables; ``export_adds`` is narrowed.
        delta: The plan's counts.
        limit: How many rows may be put in, those that are only sent again not counted.

    Returns:
        The counts of what is left, and how many additions wait.
    """
    connection.execute(
        f"""
        delete from export_adds where not {_SENT_AGAIN} and digest not in (
            select digest from export_adds where not {_SENT_AGAIN} order by digest limit $1
        )
        """,
        [limit],
    )
    adds, refreshed = connection.execute(
        "select count(*), count(*) filter (reason is not null) from export_adds"
    ).fetchone()
    return replace(delta, adds=adds, refreshed=refreshed), delta.adds - adds


def withdrawals_only(connection: duckdb.DuckDBPyConnection, delta: Delta) -> tuple[Delta, int]:
    """Keep the removals that a permission demands, and put in nobody.

    Who would have to be put in again because a removal takes out the person, is taken out with all rows: then the
    ledger says what is there, and the next full delivery puts them in.

    Args:
        connection: With the plan's tables; both are narrowed.
        delta: The plan's counts.

    Returns:
        The counts of what is left, and how many additions wait.
    """
    connection.execute("delete from export_removes where reason <> $1", [PERMISSION_ENDED])
    connection.execute(
        f"""
        insert into export_removes by name
        select digest, $1 as reason, '' as batch_group from export_adds
        where {_SENT_AGAIN} and digest not in (select digest from export_removes)
        """,
        [TAKEN_ALONG],
    )
    connection.execute("delete from export_adds")
    return replace(delta, adds=0, refreshed=0, held_back=Counter()).without(connection), delta.adds
