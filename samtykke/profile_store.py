"""Write the keyed store that answers lookups: one SQLite file, written once and never changed.

DuckDB is made for scans: a point query on a million wide rows costs it milliseconds of planning and reading, SQLite
some ten microseconds. The marts are the only thing it is made of, so it shows what they show and forgets whom they
forget.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb

from samtykke.settings import Settings

# The mart whose rows are looked up; a warehouse without it has no store.
PROFILES = "customer_profile"
# A reader refuses a file of another layout.
LAYOUT = 1
_BATCH = 10_000

_TABLES = """
    create table about (layout integer not null, as_of text not null);
    create table columns (position integer primary key, name text not null, type text not null);
    create table profiles (person_id text primary key, document text not null);
    create table keys (key text not null, person_id text not null, primary key (key, person_id)) without rowid;
"""

# A person is found by an identifier that mart person_identifiers shows, by the person_id, and by any person_id that has
# since been merged into it. What stands for nobody in particular (a role address, a dummy number) finds nobody.
_KEYS = """
    select key, person_id::varchar from (
        select identifier_key as key, person_id from marts.person_identifiers where not is_blocked
        union all
        select person_id::varchar, person_id from marts.customer_profile
        union all
        select aliases.person_id::varchar, profiles.person_id
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
        store.execute("insert into about values (?, ?)", [LAYOUT, as_of])
        store.executemany(
            "insert into columns values (?, ?, ?)",
            [(position, name, kind) for position, (name, kind, *_) in enumerate(columns)],
        )
        # a row as an array: the names of its columns would be three quarters of it
        rows = f"select person_id::varchar, json_array({names})::varchar from marts.customer_profile order by person_id"
        for statement, query in (
            ("insert into profiles values (?, ?)", rows),
            ("insert into keys values (?, ?)", _KEYS),
        ):
            cursor = connection.execute(query)
            while batch := cursor.fetchmany(_BATCH):
                store.executemany(statement, batch)
        store.execute("commit")
    finally:
        store.close()
    file.chmod(0o400)
