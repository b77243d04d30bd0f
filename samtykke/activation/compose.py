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
from samtykke.activation.placing import PLAIN, place
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

    Tables, all temporary: ``export_cells``, ``export_offered`` and ``export_rows_of`` for the recipient;
    ``export_desired`` and ``export_desired_members`` for the segment last composed.
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
        self._cells = ", ".join(
            f"max(cell) filter (identifier_kind = '{kind}') as {cell_name(kind)}" for kind in spec.identifier_kinds
        )
        identifying = " || chr(31) || ".join(f"coalesce({cell_name(kind)}, '')" for kind in spec.identifier_kinds)
        self._digest = f"identifier_key({quoted(f'sent:{recipient}')}, {identifying})"
        self._is_offered = False
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
        if not self._is_offered:
            self._offer()
        left_out = query(
            "select reason, count(*) from export_offered where segment = $1 and cell is null group by reason", [segment]
        ).fetchall()
        place(self._connection, segment)
        query(
            f"""
            create or replace temporary table export_desired as
            with plain as (
                select rows_of.*, rows_of.person_id as root, 1 as place, from export_rows_of as rows_of
                semi join (select person_id from export_offered where segment = $1) as members using (person_id)
            ),
            composed as (
                select root, place, any_value(country) as country, {self._cells},
                from export_placed group by root, place
            ),
            others as (
                select
                    {self._digest} as digest, composed.* exclude (country), coalesce(countries.cell, '') as country,
                from composed left join export_countries as countries on composed.country = countries.country
            )
            select * exclude (person_id) from plain union all by name select * from others
            """,
            [segment],
        )
        query(
            """
            create or replace temporary table export_desired_members as
            select
                rows_of.digest, members.person_id, members.identifier_key, members.identifier_kind,
                members.authorising_event_id,
            from export_offered as members
            inner join export_rows_of as rows_of using (person_id)
            where members.segment = $1 and members.cell is not null
            union all
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
            group by desired.digest, members.person_id, members.identifier_key, members.identifier_kind
            """,
            [segment],
        )
        self._composed = (segment, Counter(dict(left_out)))
        return self._composed[1]

    def _offer(self) -> None:
        """Write what of everybody may be sent, and the rows of those who are composed alone."""
        self._connection.execute(
            """
            create or replace temporary table export_offered as
            select
                members.segment, members.person_id, members.identifier_key, members.identifier_kind, members.country,
                members.authorising_event_id, cells.cell, cells.reason,
            from activation.audience_identifiers as members
            inner join export_cells as cells using (identifier_key, identifier_kind)
            where members.recipient = $1
            """,
            [self._recipient],
        )
        self._register_countries()
        self._connection.execute(PLAIN.format(cells=self._cells))
        names = ", ".join(cell_name(kind) for kind in self._spec.identifier_kinds)
        self._connection.execute(f"""
            create or replace temporary table export_rows_of as
            select plain.person_id, {self._digest} as digest, {names}, coalesce(countries.cell, '') as country,
            from export_plain as plain
            left join export_countries as countries on plain.country = countries.country
        """)
        self._is_offered = True

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
                select digest, {self._cells}, from found
                group by digest having bool_and(cell is not null and cell is not distinct from the_only)
            )
            select * from composed
            where {self._digest} = digest
        """

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

    def _register_countries(self) -> None:
        codes = self._connection.execute(
            "select distinct country from export_offered where country is not null order by country"
        ).fetchall()
        cells = [hashing.for_platform(self._spec.platform, "country", code).value for (code,) in codes]
        table = pa.table(
            {"country": pa.array([code for (code,) in codes], pa.string()), "cell": pa.array(cells, pa.string())}
        )
        with registered(self._connection, "export_found", table):
            self._connection.execute("create or replace temporary table export_countries as select * from export_found")
