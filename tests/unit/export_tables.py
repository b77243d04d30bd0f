"""The tables that the export plans over, in memory: what should leave, what the vault knows, what a recipient holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import duckdb

from samtykke.activation.compose import Composer
from samtykke.activation.delta import Delta, Guards, plan
from samtykke.activation.destinations import DESTINATIONS
from samtykke.activation.rendering import removal_lines
from samtykke.activation.tables import cell_name
from samtykke.keys import register_key_macro

PEPPER = b"a pepper of the tests"
PERSON = "00000000-0000-7000-8000-{:0>12}"


class Member(NamedTuple):
    """One identifier of a person (a number) who may be sent; ``key`` stands for the identifier."""

    person: str
    key: str
    kind: str = "email"
    country: str | None = None
    event: str | None = "a grant"


class Tables:
    """One recipient, named as its destination, and the segment ``s``."""

    def __init__(self, name: str, values: dict[str, str], pepper: bytes = PEPPER):
        self.spec = DESTINATIONS[name]
        self.connection = duckdb.connect()
        self._pepper = pepper
        register_key_macro(self.connection, pepper)
        self.connection.execute("""
            attach ':memory:' as ledger; attach ':memory:' as vault;
            create schema activation;
            create table activation.audience_identifiers (
                recipient varchar, segment varchar, person_id uuid, identifier_key varchar, identifier_kind varchar,
                country varchar, authorising_event_id varchar
            );
            create table activation.sent_standings (
                recipient varchar, segment varchar, identifier_key varchar, person_id uuid, is_permitted boolean,
                is_ending boolean default false, event_id varchar
            );
            create table vault.identifiers (identifier_key varchar, value varchar);
            create table ledger.held_identifiers (recipient varchar, identifier_key varchar, identifier_kind varchar);
            create table ledger.held_rows (
                recipient varchar, segment varchar, sent_sha256 varchar, person_id uuid, identifier_key varchar,
                identifier_kind varchar, sent_for timestamp, is_certain boolean
            );
            create temporary table export_on_their_way (digest varchar, keys varchar[]);
            create temporary table export_being_removed (digest varchar, keys varchar[]);
        """)
        for key, value in values.items():
            self.connection.execute("insert into vault.identifiers values ($1, $2)", [key, value])

    def want(self, *members: Member, segment: str = "s") -> Tables:
        for one in members:
            self.connection.execute(
                "insert into activation.audience_identifiers values ($1, $2, $3, $4, $5, $6, $7)",
                [self.spec.name, segment, PERSON.format(one.person), one.key, one.kind, one.country, one.event],
            )
        return self

    def hold(self, digest: str, *members: Member, is_certain: bool = True, sent_for: str = "2026-01-01") -> Tables:
        for one in members:
            self.connection.execute(
                "insert into ledger.held_rows values ($1, 's', $2, $3, $4, $5, $6, $7)",
                [self.spec.name, digest, PERSON.format(one.person), one.key, one.kind, sent_for, is_certain],
            )
            self.connection.execute(
                "insert into ledger.held_identifiers values ($1, $2, $3)", [self.spec.name, one.key, one.kind]
            )
        return self

    def stand(self, **people: str | None) -> Tables:
        """Say whose an identifier is that was sent; None: it is not permitted any more."""
        for key, person in people.items():
            self.connection.execute(
                "insert into activation.sent_standings values ($1, 's', $2, $3, $4, false, null)",
                [self.spec.name, key, person and PERSON.format(person), person is not None],
            )
        return self

    def compose(self) -> Composer:
        composer = Composer(self.connection, self.spec, self.spec.name, self._pepper)
        self.unusable = composer.compose("s")
        return composer

    def lines(self, table: str = "export_desired") -> list[tuple[str, ...]]:
        """Return composed rows in the order of the platform's header."""
        cells = ", ".join(
            f"coalesce({'country' if column.kind == 'country' else cell_name(column.kind)}, '')"
            if column.kind in (*self.spec.identifier_kinds, "country") and column.kind
            else "''"
            for column in self.spec.columns
        )
        return self.connection.execute(f"select {cells} from {table} order by all").fetchall()

    def keys(self) -> list[set[str]]:
        """Return the identifiers of each composed row."""
        found: dict[str, set[str]] = defaultdict(set)
        for digest, key in self.connection.execute(
            "select digest, identifier_key from export_desired_members"
        ).fetchall():
            found[digest].add(key)
        return list(found.values())

    def plan(self, guards: Guards | None = None, refresh_before=None) -> Delta:
        self.compose()
        return plan(self.connection, self.spec, self.spec.name, "s", guards or Guards(), refresh_before=refresh_before)

    def changes(self) -> tuple[dict[str, str], set[str]]:
        """Return what the last plan removes, reason by digest, and the keys of what it adds."""
        removes = dict(self.connection.execute("select digest, reason from export_removes").fetchall())
        added = self.connection.execute("""
            select identifier_key from export_adds inner join export_desired_members using (digest)
        """).fetchall()
        return removes, {key for (key,) in added}

    def digest(self, *values: str) -> str:
        """Return the digest of the composed row of some identifiers."""
        found = self.connection.execute(
            """
            select digest from export_desired_members group by digest
            having list_sort(list(distinct identifier_key)) = $1
            """,
            [sorted(values)],
        )
        return found.fetchone()[0]


def removal(tables: Tables, composer: Composer, folder, digests: Iterable[str]) -> int:
    """Render removals of what is held; return how many of them nobody can name any more."""
    tables.connection.execute("""
        create or replace temporary table export_held_members as
        select distinct sent_sha256 as digest, person_id, identifier_key, identifier_kind from ledger.held_rows
    """)
    tables.connection.execute("create or replace temporary table export_removes (digest varchar)")
    for digest in digests:
        tables.connection.execute("insert into export_removes values ($1)", [digest])
    tables.connection.execute("""
        create table if not exists ledger.export_builds (
            build_id varchar, recipient varchar, segment varchar, event varchar, seq bigint
        );
        create table if not exists ledger.delivery_batches (build_id varchar)
    """)
    return removal_lines(tables.connection, tables.spec, composer, folder, (tables.spec.name, "s"))
