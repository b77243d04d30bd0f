"""What of the people touched may no longer be shown, from the small world in which it was decided."""

from __future__ import annotations

import json
from collections.abc import Iterator

import duckdb

from samtykke.profile_withheld import Withheld

# What is published may know somebody by a person_id that has since been merged.
_NAMES = """
    create table memory.names as
    select person_id, person_id as current_person_id from memory.shown_people as shown_people
    union
    select person_id, current_person_id from whole.intermediate.int_identity__person_aliases
    where current_person_id in (from memory.shown_people)
"""
# Of whom nothing is decided nothing is shown; a use without a permission is closed.
_CLOSED = """
    with uses as (
        select purpose from warehouse.reference.purposes
        where kind = 'use' and not coalesce(requires_explicit, false)
    ),
    closed as (
        select
            shown_people.person_id,
            map(
                list(uses.purpose order by uses.purpose),
                list(coalesce(told.reason, 'not decided') order by uses.purpose)
            ) as reasons,
        from memory.shown_people as shown_people
        cross join uses
        left join warehouse.intermediate.int_consent__person_permissions as told
            on shown_people.person_id = told.person_id and uses.purpose = told.purpose
            and told.channel is null and told.recipient is null
        where not coalesce(told.is_permitted, false)
        group by shown_people.person_id
    )
    select
        names.person_id::varchar,
        cast(to_json(coalesce(closed.reasons, map())) as varchar),
        cast(to_json(consent) as varchar),
    from memory.names as names
    left join closed on names.current_person_id = closed.person_id
    left join warehouse.intermediate.int_profile__consent as consent on names.current_person_id = consent.person_id
    order by names.person_id
"""


def withheld(connection: duckdb.DuckDBPyConnection) -> Iterator[Withheld]:
    """Yield what is closed for everybody touched, also where it was closed before: it takes nothing away there.

    Args:
        connection: The world, its models built; ``shown_people`` are those touched.
    """
    connection.execute(_NAMES)
    for person_id, closed, consent in connection.execute(_CLOSED).fetchall():
        yield Withheld(person_id, json.loads(closed), json.loads(consent) if consent else {})
