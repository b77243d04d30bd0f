"""Compose a destination's rows from people's identifiers, in SQL over temporary tables: no value leaves the process.

A person takes as many rows as the most identifiers they have of one kind: the first e-mail stands beside the
first phone, the second beside the second. People who bring the same value (records that consent keeps apart, or
two addresses that a platform makes equal) are composed together, so that a value stands in a file once.
A row is known by a keyed digest of its identifying cells, so that the ledger can tell later what left without
holding it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from samtykke import hashing
from samtykke.activation.destinations import DestinationSpec
from samtykke.activation.tables import cell_name, quoted, registered
from samtykke.hashing.sql import expression, register_forms
from samtykke.keys import identifier_key

_SEPARATOR = "\x1f"
_ALL = """
    select identifier_key, identifier_kind from activation.audience_identifiers where recipient = $1
    union
    select identifier_key, identifier_kind from ledger.held_identifiers where recipient = $1
"""


class Composer:
    """Composes rows for one recipient; every value is hashed once, however many segments hold the person.

    Tables, all temporary: ``export_cells`` for the recipient; ``export_members``, ``export_desired`` and
    ``export_desired_members`` for the segment last composed.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        spec: DestinationSpec,
        recipient: str,
        pepper: bytes,
        *,
        wanted: str = _ALL,
    ):
        """Hash what the recipient holds or should hold.

        Args:
            connection: A home's, with the vault attached.
            spec: The destination.
            recipient: Whose audiences.
            pepper: The secret of the digests.
            wanted: Query of the identifiers to hash, with key and kind; ``$1`` is the recipient.
        """
        self._connection = connection
        self._spec = spec
        self._recipient = recipient
        self._pepper = pepper
        self._kind = quoted(f"sent:{recipient}")
        self._composed: tuple[str, Counter[str]] | None = None
        register_forms(connection)
        self._hash_values(wanted)

    def compose(self, segment: str) -> Counter[str]:
        """Compose the rows of a segment; return the identifiers left out, by reason.

        Left out is an identifier that has no value in the vault, or one that the platform does not take.
        """
        if self._composed and self._composed[0] == segment:
            return self._composed[1]
        query = self._connection.execute
        query(
            """
            create or replace temporary table export_members as
            select
                members.person_id, members.identifier_key, members.identifier_kind, members.country,
                members.authorising_event_id, cells.cell, cells.reason,
            from activation.audience_identifiers as members
            inner join export_cells as cells using (identifier_key, identifier_kind)
            where members.recipient = $1 and members.segment = $2
            """,
            [self._recipient, segment],
        )
        left_out = query("select reason, count(*) from export_members where cell is null group by reason").fetchall()
        self._register_groups()
        self._register_countries()
        kinds = self._spec.identifier_kinds
        cells = ", ".join(f"max(cell) filter (identifier_kind = '{kind}') as {cell_name(kind)}" for kind in kinds)
        query("""
            create or replace temporary table export_placed as
            with grouped as (
                select
                    coalesce(groups.root, members.person_id) as root, members.identifier_kind, members.cell,
                    min(members.country) as country,
                from export_members as members
                left join export_groups as groups using (person_id)
                where members.cell is not null
                group by all
            )
            select
                root, identifier_kind, cell, min(country) over (partition by root) as country,
                row_number() over (partition by root, identifier_kind order by cell) as place,
            from grouped
        """)
        query(f"""
            create or replace temporary table export_desired as
            with composed as (
                select root, place, any_value(country) as country, {cells}, from export_placed group by root, place
            )
            select
                identifier_key({self._kind}, {self._identifying()}) as digest,
                composed.* exclude (root, place, country),
                coalesce(countries.cell, '') as country,
                root, place,
            from composed
            left join export_countries as countries on composed.country = countries.country
        """)
        query("""
            create or replace temporary table export_desired_members as
            select
                desired.digest, members.person_id, members.identifier_key, members.identifier_kind,
                any_value(members.authorising_event_id order by members.authorising_event_id) as authorising_event_id,
            from export_members as members
            left join export_groups as groups using (person_id)
            inner join export_placed as placed
                on coalesce(groups.root, members.person_id) = placed.root
                and members.identifier_kind = placed.identifier_kind
                and members.cell = placed.cell
            inner join export_desired as desired on placed.root = desired.root and placed.place = desired.place
            group by all
        """)
        self._composed = (segment, Counter(dict(left_out)))
        return self._composed[1]

    def digest(self, cells: Mapping[str, str]) -> str:
        """Return the keyed digest of a row's identifying cells, by kind."""
        identifying = _SEPARATOR.join(cells.get(kind, "") for kind in self._spec.identifier_kinds)
        return identifier_key(self._pepper, f"sent:{self._recipient}", identifying)

    def recompose(self, rows: str, members: str) -> str:
        """Return SQL for rows sent earlier as they are removed: digest and identifying cells.

        Left out are those that today's values and rules no longer give as they left: an erased value, a changed rule.

        Args:
            rows: A table with ``digest``.
            members: A table with ``digest``, ``identifier_key`` and ``identifier_kind``.
        """
        kinds = self._spec.identifier_kinds
        cells = ", ".join(f"max(cell) filter (identifier_kind = '{kind}') as {cell_name(kind)}" for kind in kinds)
        return f"""
            with found as (
                select
                    rows.digest, members.identifier_kind, cells.cell,
                    min(cells.cell) over (partition by rows.digest, members.identifier_kind) as the_only,
                from {rows} as rows
                inner join {members} as members using (digest)
                left join export_cells as cells using (identifier_key, identifier_kind)
            ),
            composed as (
                select digest, {cells}, from found
                group by digest having bool_and(cell is not null and cell is not distinct from the_only)
            )
            select * from composed
            where identifier_key({self._kind}, {self._identifying()}) = digest
        """

    def _identifying(self) -> str:
        return " || chr(31) || ".join(f"coalesce({cell_name(kind)}, '')" for kind in self._spec.identifier_kinds)

    def _hash_values(self, wanted: str) -> None:
        forms = " ".join(
            f"when '{kind}' then {expression(self._spec.platform, kind, 'stored.value')}"
            for kind in self._spec.identifier_kinds
        )
        self._connection.execute(
            f"""
            create or replace temporary table export_cells as
            with wanted as ({wanted})
            select
                wanted.identifier_key, wanted.identifier_kind,
                case wanted.identifier_kind {forms} end as cell,
                case when stored.value is null then 'not_in_vault' end as reason,
            from wanted
            left join vault.identifiers as stored using (identifier_key)
            """,
            [self._recipient],
        )
        self._ask_about_the_rest()

    def _ask_about_the_rest(self) -> None:
        """Let the full rules decide on what the expressions left open."""
        undecided = self._connection.execute("""
            select cells.identifier_key, cells.identifier_kind, stored.value
            from export_cells as cells
            inner join vault.identifiers as stored using (identifier_key)
            where cells.cell is null
        """).fetchall()
        answers = []
        for key, kind, value in undecided:
            known = kind in self._spec.identifier_kinds
            found = hashing.for_platform(self._spec.platform, kind, value) if known else None
            answers.append((key, found and found.value, found.reason if found else "not_accepted"))
        if answers:
            keys, cells, reasons = zip(*answers, strict=True)
            table = pa.table({"identifier_key": keys, "cell": pa.array(cells, pa.string()), "reason": reasons})
            with registered(self._connection, "export_answers", table):
                self._connection.execute("""
                    update export_cells set cell = answers.cell, reason = answers.reason
                    from export_answers as answers where export_cells.identifier_key = answers.identifier_key
                """)

    def _register_groups(self) -> None:
        """Find the people who bring a value in common: few, so their components are found here."""
        shared = self._connection.execute("""
            select list_sort(list(distinct person_id::varchar)) from export_members where cell is not null
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
        table = pa.table(
            {"person_id": pa.array(list(parent), pa.string()), "root": [root(person) for person in parent]}
        )
        with registered(self._connection, "export_found", table):
            self._connection.execute("""
                create or replace temporary table export_groups as
                select person_id::uuid as person_id, root::uuid as root from export_found
            """)

    def _register_countries(self) -> None:
        codes = self._connection.execute(
            "select distinct country from export_members where country is not null order by country"
        ).fetchall()
        cells = [hashing.for_platform(self._spec.platform, "country", code).value for (code,) in codes]
        table = pa.table(
            {"country": pa.array([code for (code,) in codes], pa.string()), "cell": pa.array(cells, pa.string())}
        )
        with registered(self._connection, "export_found", table):
            self._connection.execute("create or replace temporary table export_countries as select * from export_found")
