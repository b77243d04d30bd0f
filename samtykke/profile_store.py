"""Write the keyed store that answers lookups: one SQLite file, written once and never changed.

DuckDB is made for scans: a point query on a million wide rows costs it milliseconds of planning and reading, SQLite
some ten microseconds. The marts are the only thing it is made of, so it shows what they show and forgets whom they
forget.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import duckdb

from samtykke.settings import Settings

# The mart whose rows are looked up; a warehouse without it has no store.
PROFILES = "customer_profile"
# A reader refuses a file of another layout.
LAYOUT = 2
_BATCH = 10_000

_TABLES = """
    create table about (layout integer not null, as_of text not null, consent_events integer not null);
    create table columns (position integer primary key, name text not null, type text not null, purposes text);
    create table profiles (person_id text primary key, document text not null);
    create table keys (
        key text not null, person_id text not null, identifier_kind text, primary key (key, person_id)
    ) without rowid;
"""

# A person is found by an identifier that mart person_identifiers shows, by the person_id, and by any person_id that has
# since been merged into it. What stands for nobody in particular (a role address, a dummy number) finds nobody.
_KEYS = """
    select key, person_id::varchar, identifier_kind from (
        select identifier_key as key, person_id, identifier_kind from marts.person_identifiers where not is_blocked
        union all
        select person_id::varchar, person_id, null from marts.customer_profile
        union all
        select aliases.person_id::varchar, profiles.person_id, null
        from intermediate.int_identity__person_aliases as aliases
        inner join marts.customer_profile as profiles on aliases.current_person_id = profiles.person_id
        where aliases.person_id <> profiles.person_id
    )
    order by all
"""


def profiles_file(settings: Settings) -> Path:
    """The file that answers lookups of one person (`samtykke.profile`)."""
    return settings.published / "profiles.sqlite"


def write_store(connection: duckdb.DuckDBPyConnection, file: Path, *, as_of: str) -> None:
    """Write the store of what the marts show.

    Args:
        connection: Reads the warehouse.
        file: Where to write; it must not exist yet. Whoever calls puts it in its place whole.
        as_of: The moment the marts are true for.
    """
    columns = connection.execute("describe marts.customer_profile").fetchall()
    names = ", ".join(name for name, *_ in columns)
    store = sqlite3.connect(file, isolation_level=None)
    try:
        # a file that is not whole is never read, so nothing has to be undone
        store.executescript(f"pragma journal_mode = off; pragma synchronous = off; {_TABLES} begin;")
        store.execute("insert into about values (?, ?, ?)", [LAYOUT, as_of, _ledger_position(connection)])
        needs = _needed_purposes(connection)
        store.executemany(
            "insert into columns values (?, ?, ?, ?)",
            [(position, name, kind, needs.get(name)) for position, (name, kind, *_) in enumerate(columns)],
        )
        # a row as an array: the names of its columns would be three quarters of it
        rows = f"select person_id::varchar, json_array({names})::varchar from marts.customer_profile order by person_id"
        for statement, query in (
            ("insert into profiles values (?, ?)", rows),
            ("insert into keys values (?, ?, ?)", _KEYS),
        ):
            cursor = connection.execute(query)
            while batch := cursor.fetchmany(_BATCH):
                store.executemany(statement, batch)
        store.execute("commit")
    finally:
        store.close()
    file.chmod(0o400)


def published_position(settings: Settings) -> tuple[datetime, int] | None:
    """Return the moment that the published profiles are true for and the newest event of the ledger that they know.

    Returns:
        None where none are published, or what cannot be read: a file that answers nobody.
    """
    file = profiles_file(settings)
    if not file.exists():
        return None
    store = open_store(file)
    try:
        layout, as_of, *position = store.execute("select * from about").fetchone()
    except sqlite3.DatabaseError:
        return None
    finally:
        store.close()
    return (datetime.fromisoformat(as_of), *position) if layout == LAYOUT else None


def open_store(file: Path) -> sqlite3.Connection:
    """Open without locks: a published file never changes, it is replaced."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _ledger_position(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the newest consent event that the marts know; 0 where nobody noted it, so that all count as new."""
    if not _has(connection, "activation", "export_gate"):
        return 0
    return connection.execute("select coalesce(max(consent_events), 0) from activation.export_gate").fetchone()[0]


def _needed_purposes(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the purposes that each column needs, as its label says, as JSON."""
    if not _has(connection, "lineage", "columns"):
        return {}
    labels = connection.execute("select column_name, purposes from lineage.columns where model = $1", [PROFILES])
    return {name: json.dumps(purposes) for name, purposes in labels.fetchall()}


def _has(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables"
        " where table_catalog = current_database() and table_schema = $1 and table_name = $2",
        [schema, table],
    )
    return found.fetchone() is not None
