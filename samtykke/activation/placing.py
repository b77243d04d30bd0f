"""Tell whose rows are theirs alone, and place the values of the others: who bring several of a kind, or share one.

Nearly everybody brings one value of a kind, shares none and brings the same to every segment: their rows are the same
in every segment, so that they are composed once per recipient. The others' depend on who stands beside them.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from samtykke.activation.tables import registered

# The people of ``export_offered`` whose row is theirs alone, with its cells (``{cells}``, over kind and cell).
PLAIN = """
    create or replace temporary table export_plain as
    with shared as (
        select identifier_kind, cell from export_offered where cell is not null
        group by identifier_kind, cell having min(person_id) <> max(person_id)
    ),
    brought as (
        select
            person_id, identifier_kind, any_value(cell) as cell, any_value(country) as country,
            count(*) as times, bit_xor(hash(segment)) as segments,
            min(identifier_key) = max(identifier_key) and count(country) in (0, count(*))
                and coalesce(min(country) = max(country), true) and not bool_or(cell in (select cell from shared))
                as is_plain,
        from export_offered where cell is not null
        group by person_id, identifier_kind
    )
    select person_id, min(country) as country, {cells}, from brought group by person_id
    having bool_and(is_plain) and min(times) = max(times) and min(segments) = max(segments)
"""


def place(connection: duckdb.DuckDBPyConnection, segment: str) -> None:
    """Write ``export_placed`` for a segment: which value of a person, or of people who share one, stands in which row.

    Args:
        connection: With ``export_offered``, and the rows of those composed alone in ``export_rows_of``: they are left
            out. Fills ``export_members`` and ``export_groups`` on the way.
        segment: Whose members.
    """
    connection.execute(
        """
        create or replace temporary table export_members as
        select members.* exclude (segment, reason) from export_offered as members
        anti join export_rows_of as rows_of using (person_id)
        where members.segment = $1 and members.cell is not null
        """,
        [segment],
    )
    _group(connection)
    connection.execute("""
        create or replace temporary table export_placed as
        with grouped as (
            select
                coalesce(groups.root, members.person_id) as root, members.identifier_kind, members.cell,
                min(members.country) as country,
            from export_members as members
            left join export_groups as groups using (person_id)
            group by all
        )
        select
            root, identifier_kind, cell, min(country) over (partition by root) as country,
            row_number() over (partition by root, identifier_kind order by cell) as place,
        from grouped
    """)


def _group(connection: duckdb.DuckDBPyConnection) -> None:
    """Find the people who bring a value in common: few, so their components are found here."""
    shared = connection.execute("""
        select list_sort(list(distinct person_id::varchar)) from export_members
        group by identifier_kind, cell having count(distinct person_id) > 1
    """).fetchall()
    parent: dict[str, str] = {}

    def root(person: str) -> str:
        while (above := parent.setdefault(person, person)) != person:
            parent[person] = parent[above]
            person = above
        return person

    for (people,) in shared:
        for person in people[1:]:
            low, high = sorted((root(people[0]), root(person)))
            parent[high] = low
    table = pa.table({"person_id": pa.array(list(parent), pa.string()), "root": [root(person) for person in parent]})
    with registered(connection, "export_found", table):
        connection.execute("""
            create or replace temporary table export_groups as
            select person_id::uuid as person_id, root::uuid as root from export_found
        """)
