"""Somebody's word on two records that may be one person's: kept on the ledger, honoured by the next run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import duckdb

ACCEPT, REJECT, WITHDRAW = "accept", "reject", "withdraw"


class UnknownPairError(ValueError):
    """No such pair waits or was decided."""


@dataclass(frozen=True)
class Pair:
    """Two records that may be one person's, as the last run judged them."""

    pair_key: str
    decision: str
    reason: str | None
    match_weight: float
    source: str
    other_source: str
    person_id: str
    other_person_id: str
    reviewed_by: str | None

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def pairs(connection: duckdb.DuckDBPyConnection, *, decision: str | None = "review", limit: int = 50) -> list[Pair]:
    """Return pairs of the last run, the likeliest first.

    Args:
        connection: With an open home.
        decision: Only these; None for all.
        limit: At most so many.

    Raises:
        duckdb.CatalogException: Nothing was ever built.
    """
    rows = connection.execute(
        """
        select pair_key, decision, reason, match_weight, source, other_source, person_id::varchar,
            other_person_id::varchar, reviewed_by
        from marts.identity_review_queue
        where decision = coalesce($1, decision)
        order by match_weight desc, pair_key
        limit $2
        """,
        [decision, limit],
    ).fetchall()
    return [Pair(*row) for row in rows]


def review(connection: duckdb.DuckDBPyConnection, pair_key: str, decision: str, *, by: str, now: datetime) -> str:
    """Write somebody's word on a pair; the beginning of its key will do if no other pair begins so.

    Args:
        connection: With an open home.
        pair_key: As listed.
        decision: accept, reject or withdraw.
        by: Who says so.
        now: Our clock, UTC.

    Returns:
        The whole key.

    Raises:
        UnknownPairError: No pair, or several, begin so; or nobody's name was given.
    """
    if not by.strip():
        raise UnknownPairError("say who decides")
    found = connection.execute(
        "select pair_key, record_key, other_record_key from marts.identity_review_queue "
        "where starts_with(pair_key, $1) limit 2",
        [pair_key],
    ).fetchall()
    if len(found) != 1 or not pair_key:
        known = "several pairs begin" if found else "no pair of the last run begins"
        raise UnknownPairError(f"{known} with {pair_key!r}; see samtykke identity review")
    ((key, record_a, record_b),) = found
    connection.execute(
        "insert into ledger.identity_reviews select coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5 "
        "from ledger.identity_reviews",
        [record_a, record_b, decision, by.strip(), now],
    )
    return str(key)
