"""What happened to people: who was drawn, merged, split, and why (``ledger.identity_events``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

# What an event says of a person, by kind; `{}` is the other person.
KINDS: Mapping[str, str] = {
    "created": "drawn",
    "joined": "joined by records",
    "merged": "became part of {}",
    "split": "a part became {}",
    "detached": "records left to {}",
    "erased": "none of its records is left",
}
CAUSES: Mapping[str, str] = {
    "first_record": "its first records came",
    "identifier": "one identifier names both",
    "likeness": "their records are alike",
    "review": "somebody said so",
    "consent": "what identity.linking permits changed",
    "contradiction": "they cannot be one person (name, date of birth)",
    "erasure": "somebody was erased",
    "door": "the social profile is no longer permitted",
    "records_changed": "records or rules say something else",
}


@dataclass(frozen=True)
class Event:
    """One event in the history of a person; other_person_id is None where nobody has the records."""

    kind: str
    person_id: str
    other_person_id: str | None
    records: int
    cause: str
    cause_detail: str | None
    as_of: str

    @property
    def says(self) -> str:
        return KINDS[self.kind].format(self.other_person_id or "nobody")

    @property
    def because(self) -> str:
        because = CAUSES[self.cause]
        return f"{because}: {self.cause_detail}" if self.cause_detail else because


def history(connection: duckdb.DuckDBPyConnection, people: Sequence[str]) -> tuple[Event, ...]:
    """Return what happened to people, oldest first; also what happened to others in which they had a part.

    Args:
        connection: With an open home.
        people: Their person_ids.
    """
    rows = connection.execute(
        """
        select kind, person_id::varchar, other_person_id::varchar, records, cause, cause_detail, as_of::varchar
        from ledger.identity_events
        where list_contains($1, person_id::varchar) or list_contains($1, other_person_id::varchar)
        order by recorded_at, event_key
        """,
        [list(people)],
    ).fetchall()
    return tuple(Event(*row) for row in rows)
