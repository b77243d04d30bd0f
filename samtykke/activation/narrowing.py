"""Take additions out of a plan: those that a guard keeps waiting, and those beyond a limit.

Rows of people whom a removal disturbs are never taken out: they are at the recipient and would be lost there.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from samtykke.activation.delta import Delta

# Held for certain and not due for a refresh: planned again only because a removal takes the person out.
_SENT_AGAIN = "(export_adds.reason is null and digest in (select digest from export_held where is_certain))"


def at_most(connection: duckdb.DuckDBPyConnection, delta: Delta, limit: int) -> tuple[Delta, int]:
    """Keep so many additions of a plan, always the same ones of the same plan.

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
