"""Why two identifiers are one person, or are not: the records between them, and what keeps people apart."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import duckdb

from samtykke.identity.history import Event, history
from samtykke.identity.likeness.waterfall import Likeness, likenesses
from samtykke.identity.purposes import ForPurpose, for_purpose

# Why the models link less than everywhere (int_identity__person_identifiers.link_reason), in words.
SENTENCES: Mapping[str, str] = {
    "several_people": "several people use it, told apart by name, date of birth or account: it joins none",
    "contradicting_people": "it stands on the records of people who cannot be one, so its weakest links were cut",
    "several_account_sources": "several systems count from one, so the number links within one source only",
    "one_source_only": "its kind links within one source only (seed identity_rules)",
    "too_many_records": "more records name it than one person's would (seed identity_rules)",
    "unknown_kind": "no rule lets its kind link anything (seed identity_rules)",
    "unknown_identifier": "the loader does not know it",
    "linking_refused": "somebody behind it said no to identity.linking",
    "linking_not_permitted": "a yes to identity.linking is needed and missing",
    "contradiction": "all links would join people who cannot be one (name, date of birth), so the weakest were cut",
    "consent": "they are believed to be one human, but consent keeps the records apart",
    "nothing": "no record and no chain of records names both",
    "unknown": "no record names it",
}


@dataclass(frozen=True)
class Step:
    """A record on the way, and the identifier that leads on from it."""

    entity: str
    source: str
    first_seen_at: str
    identifier_kind: str
    identifier_key: str


@dataclass(frozen=True)
class Reason:
    """Why two people are two; the identifier is one that both have, if there is one."""

    reason: str
    says: str
    identifier_kind: str | None = None
    identifier_key: str | None = None


@dataclass(frozen=True)
class Answer:
    """What became of two identifiers.

    Attributes:
        is_same: Whether one person has both.
        people: Those who have the first, and those who have the second.
        steps: From the first identifier to the second, over the person's own records; empty if they are not the same.
        reasons: Why not, if they are not.
        likenesses: What their records say alike, where no chain of identifiers makes them one.
        history: What happened to these people.
        for_purpose: Whether they are one for the purpose that was asked.
    """

    is_same: bool
    people: tuple[tuple[str, ...], tuple[str, ...]]
    steps: tuple[Step, ...] = ()
    reasons: tuple[Reason, ...] = ()
    likenesses: tuple[Likeness, ...] = ()
    history: tuple[Event, ...] = ()
    for_purpose: ForPurpose | None = None

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def explain(connection: duckdb.DuckDBPyConnection, one: str, other: str, *, purpose: str | None = None) -> Answer:
    """Say why two identifiers are one person, or are not, as the last build found.

    Args:
        connection: With an open home.
        one: An identifier's key.
        other: The other's.
        purpose: Also say whether they are one for this purpose of use.

    Raises:
        UnknownPurposeError: The purpose is none of use.
        duckdb.CatalogException: Nothing was ever built.
    """
    answer = _explain(connection, one, other)
    both = sorted(set(answer.people[0]) & set(answer.people[1]))
    return replace(
        answer,
        history=history(connection, [person for people in answer.people for person in people]),
        for_purpose=for_purpose(connection, both[0] if both else None, one, other, purpose) if purpose else None,
    )


def _explain(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> Answer:
    people = (_people(connection, one), _people(connection, other))
    unknown = [
        Reason("unknown", SENTENCES["unknown"], None, key) for key in (one, other) if not _is_known(connection, key)
    ]
    if unknown:
        return Answer(False, people, reasons=tuple(unknown))
    for person in people[0]:
        if person in people[1]:
            steps = _way(connection, person, one, other)
            alike = () if steps else likenesses(connection, [person], [person])
            return Answer(True, people, steps=steps, likenesses=alike)
    reasons = tuple(_reasons(connection, people, one, other))
    return Answer(False, people, reasons=reasons, likenesses=likenesses(connection, *people))


def _people(connection: duckdb.DuckDBPyConnection, key: str) -> tuple[str, ...]:
    rows = connection.execute(
        "select distinct person_id::varchar from intermediate.int_identity__person_identifiers "
        "where identifier_key = $1 order by 1",
        [key],
    ).fetchall()
    return tuple(person for (person,) in rows)


def _is_known(connection: duckdb.DuckDBPyConnection, key: str) -> bool:
    query = "select 1 from intermediate.int_identity__claims where identifier_key = $1 limit 1"
    return connection.execute(query, [key]).fetchone() is not None


def _way(connection: duckdb.DuckDBPyConnection, person: str, one: str, other: str) -> tuple[Step, ...]:
    """The shortest way over the person's records; on the way only identifiers that link, or a detour would prove it."""
    rows = connection.execute(
        """
        select c.record_key, c.entity, c.source, c.first_seen_at::varchar, c.identifier_kind, c.identifier_key
        from intermediate.int_identity__claims as c
        inner join intermediate.int_identity__person_records as r on c.record_key = r.record_key
        where r.person_id::varchar = $1 and (c.identifier_key in ($2, $3) or exists (
            select 1 from intermediate.int_identity__linked_identifiers as l
            inner join intermediate.int_identity__record_clusters as k on l.cluster_id = k.cluster_id
            where k.record_number = c.record_number and l.identifier_number = c.identifier_number))
        order by c.first_seen_at, c.record_key, c.identifier_key
        """,
        [person, one, other],
    ).fetchall()
    named: dict[str, list[tuple[str, ...]]] = {}
    naming: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(row[0], []).append(row)
        naming.setdefault(row[5], []).append(row[0])
    ways: dict[str, tuple[Step, ...]] = {one: ()}
    waiting = deque([one])
    while waiting:
        key = waiting.popleft()
        if key == other:
            return ways[key]
        for record in naming.get(key, []):
            for _, entity, source, seen, kind, following in named[record]:
                if following not in ways:
                    ways[following] = (*ways[key], Step(entity, source, seen, kind, following))
                    waiting.append(following)
    return ()


def _reasons(
    connection: duckdb.DuckDBPyConnection, people: tuple[tuple[str, ...], tuple[str, ...]], one: str, other: str
) -> list[Reason]:
    """What both have and does not link; else what the links would make without consent or contradictions."""
    shared = connection.execute(
        """
        select distinct a.link_reason, a.identifier_kind, a.identifier_key
        from intermediate.int_identity__person_identifiers as a
        inner join intermediate.int_identity__person_identifiers as b on a.identifier_key = b.identifier_key
        where list_contains($1, a.person_id::varchar) and list_contains($2, b.person_id::varchar)
            and a.link_reason is not null
        order by all
        """,
        [list(people[0]), list(people[1])],
    ).fetchall()
    found = [
        Reason(
            reason,
            SENTENCES.get(reason, f"it never belongs to one person: {reason} (seed identity_blocked)"),
            kind,
            key,
        )
        for reason, kind, key in shared
    ]
    for reason, table, group in (
        ("contradiction", "conflict_identifiers", "conflict_key"),
        ("consent", "linked_identifiers", "cluster_id"),
    ):
        query = (
            f"select 1 from intermediate.int_identity__{table} "
            "where identifier_number in "
            "(select identifier_number from intermediate.int_identity__numbers where identifier_key in ($1, $2)) "
            f"and {group} is not null group by {group} having count(distinct identifier_number) = 2"
        )
        if connection.execute(query, [one, other]).fetchone() and not any(r.reason == "consent" for r in found):
            found.append(Reason(reason, SENTENCES[reason]))
    # what only consent keeps apart contradicts nothing: its links stand
    if any(reason.reason == "consent" for reason in found):
        found = [reason for reason in found if reason.reason != "contradiction"]
    return found or [Reason("nothing", SENTENCES["nothing"])]
