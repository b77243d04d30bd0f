"""Whether two identifiers are one person for a purpose (docs/decisions/0012)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

SENTENCES: Mapping[str, str] = {
    "everything_links": "what the contract permits is permitted over whatever links",
    "all_permit": "all records permit it, and every link between them serves it",
    "linked_for_it": "records that permit it are joined by links that serve it",
    "two_people": "they are two people for everything",
    "person_not_permitted": "the person may not be used for it",
    "not_permitted_here": "nobody permitted it through the records that name one of them",
    "no_link_for_the_purpose": "no link that serves it leads from the one to the other",
}


class UnknownPurposeError(ValueError):
    """What was asked is no purpose of use."""


@dataclass(frozen=True)
class ForPurpose:
    """Whether two identifiers are one person for a purpose.

    Attributes:
        purpose: What was asked.
        is_one: Whether both may be used together for it.
        reason: A word of ``SENTENCES``.
        says: The same in words, with what consent says where the person may not be used at all.
    """

    purpose: str
    is_one: bool
    reason: str
    says: str


def for_purpose(
    connection: duckdb.DuckDBPyConnection, person: str | None, one: str, other: str, purpose: str
) -> ForPurpose:
    """Say whether two identifiers are one person for a purpose, as the last build found.

    Args:
        connection: With an open home.
        person: Who has both; None where nobody has.
        one: An identifier's key.
        other: The other's.
        purpose: A purpose of use (seed ``purposes``).

    Raises:
        UnknownPurposeError: It is none.
        duckdb.CatalogException: Nothing was ever built.
    """
    uses = dict(
        connection.execute(
            "select purpose, is_permitted_by_contract from reference.purposes where kind = 'use' order by purpose"
        ).fetchall()
    )
    if purpose not in uses:
        raise UnknownPurposeError(f"no purpose of use: {purpose}; one of {', '.join(uses)}")
    if person is None:
        return _answer(purpose, "two_people")
    is_permitted, says = connection.execute(
        "select bool_and(is_permitted), max(state || ', ' || reason) from "
        "intermediate.int_consent__person_permissions where person_id::varchar = $1 and purpose = $2",
        [person, purpose],
    ).fetchone() or (None, None)
    if not is_permitted:
        return _answer(purpose, "person_not_permitted", says or "nothing is decided of it per person")
    if uses[purpose]:
        return _answer(purpose, "everything_links")
    (withheld,) = connection.execute(
        "select count(*) from intermediate.int_identity__withheld_identifiers "
        "where person_id::varchar = $1 and purpose = $2 and identifier_key in ($3, $4)",
        [person, purpose, one, other],
    ).fetchone() or (0,)
    parts = (_parts(connection, person, one, purpose), _parts(connection, person, other, purpose))
    if not any(parts) and not withheld:
        return _answer(purpose, "all_permit")
    permitting = [{part for part, permits in found if permits} for found in parts]
    if permitting[0] & permitting[1] and not withheld:
        return _answer(purpose, "linked_for_it")
    return _answer(purpose, "no_link_for_the_purpose" if all(permitting) and not withheld else "not_permitted_here")


def _answer(purpose: str, reason: str, detail: str | None = None) -> ForPurpose:
    is_one = reason in ("everything_links", "all_permit", "linked_for_it")
    return ForPurpose(purpose, is_one, reason, SENTENCES[reason] + (f": {detail}" if detail else ""))


def _parts(connection: duckdb.DuckDBPyConnection, person: str, key: str, purpose: str) -> set[tuple[str, bool]]:
    """Who the records that name an identifier are for the purpose; nothing where the person is one for it."""
    rows = connection.execute(
        """
        select distinct u.part_key, u.is_permitting
        from intermediate.int_identity__claims as c
        inner join intermediate.int_identity__core_parts as p on c.record_key = p.record_key
        inner join intermediate.int_identity__use_parts as u on p.person_id = u.person_id and p.core_key = u.core_key
        where c.identifier_key = $1 and p.person_id::varchar = $2 and u.purpose = $3
        """,
        [key, person, purpose],
    ).fetchall()
    return set(rows)
