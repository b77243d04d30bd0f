"""The consent decision for the few people whom something new is about: the project's models on a world of just them.

The world is two databases in memory with the names of the home's own, so that the models' SQL runs in it as it is.
It holds everybody touched and every person behind whatever a recipient holds of them, with all their identifiers, and
for those everything that is known: what it finds for them is what the night would find at the same moment. Who is whose
identifier is taken from the last build; what links in the meantime counts from tonight on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from samtykke.activation import obligations
from samtykke.profile_store import published_position
from samtykke.profile_withheld import Withheld
from samtykke.settings import Settings
from samtykke.storage.connect import configure, migration_scripts, quoted
from samtykke.withdrawals.models import Model
from samtykke.withdrawals.shown import withheld

_SEEDS = "select table_name from duckdb_tables() where database_name = 'whole' and schema_name = 'reference'"
# What of the home goes into the world, by the identifiers in ``keys``; ``people`` are those who have them.
_INPUTS = {
    "ledger.consent_events": "identifier_key in (from keys)",
    "ledger.tombstones": "identifier_key in (from keys)",
    "ledger.obligation_events": "identifier_key in (from keys) or event <> 'opened'",
    "raw.identifiers": "identifier_key in (from keys)",
    "raw.email_events": "email_key in (from keys)",
    "raw.suppressions": "identifier_key in (from keys)",
    "raw.contacts": "record_key in (from records)",
    "raw.notices": "true",
    "lineage.segment_purposes": "true",
}
_RECORDS = """
    create table records as
    select distinct record_key from whole.raw.contacts
    where email_key in (from keys) or phone_key in (from keys) or crm_key in (from keys) or nickname_key in (from keys)
"""
# Whoever stands on it or not, a list was delivered: how old it is closes channels, and what replaces what ends entries.
_DELIVERIES = """
    insert into warehouse.raw.suppressions by name
    select
        list_id, identifier_kind, channel, country, snapshot_at, file_id, 0 as line_number,
        min(loaded_at) as loaded_at,
    from whole.raw.suppressions
    group by list_id, identifier_kind, channel, country, snapshot_at, file_id
"""
_BUILT = {
    "intermediate.int_identity__person_links": "select * from whole.{} where person_id in (from people)",
    "intermediate.int_identity__person_identifiers": "select * from whole.{} where person_id in (from people)",
    "marts.customer_profile": "select person_id, country from whole.{} where person_id in (from people)",
    "marts.segment_members": "select * from whole.{} where person_id in (from people)",
}


@dataclass(frozen=True)
class Ended:
    """What came out: tables by Arrow, so that they outlive the world.

    Attributes:
        touched: Identifiers that something new is about.
        people: People looked at: those touched, and those of whose rows a recipient holds one with theirs.
        rows: What recipients hold of the people looked at: recipient, segment, digest, person_id, identifier_key,
            identifier_kind, and the reason why it must come back, null where it may stay.
        standings: What the models say of every identifier held, as ``activation.sent_standings``.
        permitted: Identifiers that their recipient may still have for some segment: recipient, identifier_key.
        obligations: What is owed and not open yet, as rows of the ledger.
        withheld: What may no longer be shown of whom, as far as the published profiles do not know it.
    """

    touched: int
    people: int
    rows: pa.Table
    standings: pa.Table
    permitted: pa.Table
    obligations: pa.Table
    withheld: list[Withheld]

    @property
    def must_act(self) -> bool:
        """Whether a row must come back, or something is owed that is not open yet."""
        return self.rows["reason"].null_count < self.rows.num_rows or self.obligations.num_rows > 0


def ended(settings: Settings, models: Sequence[Model], *, as_of: datetime, now: datetime) -> Ended:
    """Decide for everybody touched since the last build what of the rows sent must come back.

    Touched is who has a new event on the ledger, a new entry on a list, a mailbox that is newly dead, an erasure, or
    a permission that the last build found to have ended.

    Args:
        settings: Whose home; opened read-only.
        models: The consent models.
        as_of: The moment taken as now, UTC.
        now: Our clock, UTC.

    Raises:
        duckdb.CatalogException: Nothing was ever built.
    """
    with _beside(settings) as connection:
        published = published_position(settings)
        _find_touched(connection, settings.controller, published)
        (touched,) = connection.execute("select count(*) from touched").fetchone()
        _take_exports(connection)
        (people,) = connection.execute("select count(*) from people").fetchone()
        _fill(connection)
        connection.execute("use warehouse")
        for model in models:
            connection.execute(f"create schema if not exists {model.schema}")
            kind = "view" if model.is_view else "table"
            connection.execute(f"create {kind} {model.schema}.{model.name} as {model.at(as_of)}")
        return Ended(
            touched,
            people,
            rows=connection.execute(_ROWS).to_arrow_table(),
            standings=connection.execute("""
                select recipient, segment, identifier_key, person_id, is_permitted, is_ending, event_id
                from activation.sent_standings
            """).to_arrow_table(),
            permitted=connection.execute("""
                select distinct recipient, identifier_key from activation.recipient_identifiers where is_permitted
            """).to_arrow_table(),
            obligations=obligations.due(connection, as_of=as_of, now=now, duty="remove"),
            withheld=list(withheld(connection)) if published else [],
        )


# A row leaves as it came: it goes when one of its identifiers may not stay. What has no standing is not permitted.
_ROWS = """
    with judged as (
        select
            held.recipient, held.segment, held.sent_sha256,
            bool_and(coalesce(standings.is_permitted, false)) as is_permitted,
            bool_or(coalesce(standings.is_ending, false)) as is_ending,
        from ledger.held_rows as held
        left join activation.sent_standings as standings
            on held.recipient = standings.recipient and held.segment = standings.segment
            and held.identifier_key = standings.identifier_key
        group by all
    )
    select
        held.recipient, held.segment, held.sent_sha256 as digest, held.person_id, held.identifier_key,
        held.identifier_kind,
        case
            when not judged.is_permitted then 'permission_ended'
            when judged.is_ending then 'expires_before_next_run'
        end as reason,
    from ledger.held_rows as held
    inner join judged
        on held.recipient = judged.recipient and held.segment = judged.segment
        and held.sent_sha256 = judged.sent_sha256
"""


@contextmanager
def _beside(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection in memory: empty ``warehouse`` and ``ledger``, the home's as ``whole``, ``whole_ledger``."""
    connection = duckdb.connect()
    try:
        configure(connection, settings)
        connection.execute(f"""
            set preserve_insertion_order = false;
            attach '{quoted(settings.warehouse)}' as whole (read_only);
            attach '{quoted(settings.ledger)}' as whole_ledger (read_only);
        """)
        for database in ("warehouse", "ledger"):
            connection.execute(f"attach ':memory:' as {database}; use {database}")
            for _, script in migration_scripts(database):
                connection.execute(script)
        connection.execute("use memory")
        yield connection
    finally:
        connection.close()


def _find_touched(
    connection: duckdb.DuckDBPyConnection, controller: str, published: tuple[datetime, int] | None
) -> None:
    """Write ``touched``: the identifiers about which something came in that the last build does not know, or that what
    is published does not, be it of an earlier build or of an earlier moment."""
    # a home of an older version does not say up to when it knows: then everything counts as new
    known = {"suppressions_loaded_at": "null", "email_events_loaded_at": "null"}
    for name in known:
        if _has(connection, "activation", "export_gate", name):
            known[name] = f"(select max({name}) from whole.activation.export_gate)"
    connection.execute(
        f"""
        create table touched as
        select identifier_key from whole_ledger.consent_events
        where controller = $controller
            and (
                seq > (select coalesce(max(consent_events), 0) from whole.activation.export_gate)
                or seq > $position or occurred_at > $published_as_of
            )
        union
        select identifier_key from whole.raw.suppressions
        where identifier_key is not null
            and loaded_at > coalesce({known["suppressions_loaded_at"]}, timestamp '-infinity')
        union
        select events.email_key
        from whole.raw.email_events as events
        inner join whole.reference.email_signals as signals using (event_type)
        where signals.is_unusable
            and events.loaded_at > coalesce({known["email_events_loaded_at"]}, timestamp '-infinity')
        union
        select identifier_key from whole_ledger.tombstones
        union
        select identifier_key from whole.activation.sent_standings where not is_permitted or is_ending
        """,
        {
            "controller": controller,
            "published_as_of": published[0] if published else datetime.max,
            "position": published[1] if published else 2**62,
        },
    )


def _take_exports(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy what was sent of the touched and of everybody linked to them; write ``people`` and ``keys``."""
    connection.execute("""
        create table candidates as
        select identifier_key from touched
        union
        select theirs.identifier_key
        from touched
        inner join whole.intermediate.int_identity__person_links as own using (identifier_key)
        inner join whole.intermediate.int_identity__person_links as theirs using (person_id);
        create table digests as
        select distinct sent_sha256 from whole_ledger.export_rows where identifier_key in (from candidates);
        insert into ledger.export_rows by name
        select * from whole_ledger.export_rows where sent_sha256 in (from digests);
        insert into ledger.export_builds by name select * from whole_ledger.export_builds;
        insert into ledger.delivery_batches by name select * from whole_ledger.delivery_batches;
        insert into ledger.delivery_rejections by name
        select * from whole_ledger.delivery_rejections where sent_sha256 in (from digests);
        create table held_keys as select distinct identifier_key from ledger.held_identifiers;
        create table shown_people as
        select person_id from whole.intermediate.int_identity__person_links where identifier_key in (from touched)
        union
        select person_id from whole.intermediate.int_identity__person_identifiers
        where identifier_key in (from touched);
        create table people as
        select person_id from whole.intermediate.int_identity__person_links where identifier_key in (from held_keys)
        union
        select person_id from whole.intermediate.int_identity__person_identifiers
        where identifier_key in (from held_keys)
        union
        from shown_people;
        create table keys as
        select identifier_key from held_keys
        union
        select identifier_key from whole.intermediate.int_identity__person_links where person_id in (from people)
        union
        select identifier_key from whole.intermediate.int_identity__person_identifiers
        where person_id in (from people);
    """)


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_RECORDS)
    for table, condition in _INPUTS.items():
        place, origin = (
            (table, "whole_" + table) if table.startswith("ledger.") else (f"warehouse.{table}", f"whole.{table}")
        )
        connection.execute(f"insert into {place} by name select * from {origin} where {condition}")
    connection.execute(_DELIVERIES)
    for table, query in _BUILT.items():
        connection.execute(f"create schema if not exists warehouse.{table.partition('.')[0]}")
        connection.execute(f"create table warehouse.{table} as {query.format(table)}")
    connection.execute("create schema if not exists warehouse.reference")
    for (name,) in connection.execute(_SEEDS).fetchall():
        connection.execute(f'create table warehouse.reference."{name}" as from whole.reference."{name}"')


def _has(connection: duckdb.DuckDBPyConnection, schema: str, table: str, column: str | None = None) -> bool:
    found = connection.execute(
        "select 1 from duckdb_columns() where database_name = 'whole' and schema_name = $1 and table_name = $2"
        " and ($3 is null or column_name = $3) limit 1",
        [schema, table, column],
    )
    return found.fetchone() is not None
