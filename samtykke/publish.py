"""Publish the marts: one read-only DuckDB file and Parquet files for BI, and the keyed store that answers lookups of
one person, each swapped whole so that readers never wait.

A reader that holds the old file keeps reading it; the next one opens the new. Content that has not changed is not
written again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from samtykke.profile_store import PROFILES, profiles_file, published_position, write_store
from samtykke.profile_withheld import forget_withheld
from samtykke.settings import Settings
from samtykke.storage.connect import configure, quoted

SCHEMA = "marts"
_MANIFEST = "manifest.json"
# Read person by person (samtykke profile): lying together they are one stretch of the file. Measured on 3 M touches:
# 0.1 s instead of 1.5 s to read somebody's, for 1.6 CPU seconds of sorting.
_TOGETHER = {"person_timeline": "person_id"}
_LAYERS = ("raw", "reference", "intermediate", "activation", "marts")


@dataclass(frozen=True)
class PublishedTable:
    """One published table: its rows and a digest of its content, independent of row order."""

    name: str
    rows: int
    digest: str


@dataclass(frozen=True)
class PublishedLayer:
    """The size of one schema of the warehouse when the marts were published."""

    name: str
    tables: int
    rows: int


@dataclass(frozen=True)
class Publication:
    """What is published. ``changed`` is false when everything was there already."""

    as_of: str
    tables: tuple[PublishedTable, ...]
    layers: tuple[PublishedLayer, ...]
    changed: bool


def marts_file(settings: Settings) -> Path:
    """The DuckDB file that BI tools open."""
    return settings.published / "marts.duckdb"


def publish_marts(settings: Settings, *, as_of: datetime) -> Publication:
    """Copy schema ``marts`` to ``published/marts.duckdb`` and ``published/parquet/``, and the profiles to
    ``published/profiles.sqlite``; each is swapped atomically.

    Args:
        settings: Whose home.
        as_of: The moment the marts are true for; kept in ``published/manifest.json``.
    """
    settings.published.mkdir(parents=True, exist_ok=True)
    _sweep(settings.published)
    with _open(settings) as connection:
        tables = tuple(_digest(connection, name) for name in _marts(connection))
        fresh = Publication(as_of.isoformat(sep=" "), tables, tuple(_layers(connection)), changed=True)
        content = {name: value for name, value in asdict(fresh).items() if name != "changed"}
        is_same = _published(settings) == json.loads(json.dumps(content))
        has_people = any(table.name == PROFILES for table in tables)
        if is_same and (published_position(settings) is not None) == has_people:
            forget_withheld(settings, as_of=as_of)
            return replace(fresh, changed=False)
        # first, so that a person who is forgotten is found by no identifier while the rest is being written
        if has_people:
            with _replacing(profiles_file(settings)) as part:
                write_store(connection, part, as_of=fresh.as_of)
        else:
            profiles_file(settings).unlink(missing_ok=True)
        _write_file(connection, settings, [table.name for table in tables])
        _write_parquet(connection, settings, [table.name for table in tables])
    with _replacing(settings.published / _MANIFEST) as part:
        part.write_text(json.dumps(content, indent=2) + "\n")
    forget_withheld(settings, as_of=as_of)
    return fresh


@contextmanager
def _open(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the warehouse and may write elsewhere; a read-only one could attach nothing to write."""
    connection = duckdb.connect()
    try:
        configure(connection, settings)
        connection.execute(f"attach '{quoted(settings.warehouse)}' as warehouse (read_only); use warehouse")
        yield connection
    finally:
        connection.close()


def published_rows(settings: Settings) -> dict[str, int]:
    """Rows of every published table, by ``marts.<table>``; empty when nothing is published."""
    content: Any = _published(settings) or {"tables": []}
    return {f"{SCHEMA}.{table['name']}": table["rows"] for table in content["tables"]}


def _published(settings: Settings) -> dict[str, object] | None:
    try:
        content = json.loads((settings.published / _MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    return content if marts_file(settings).exists() and (settings.published / "parquet").exists() else None


def _marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = $1"
        " and not contains(table_name, '__dbt_') order by table_name",
        [SCHEMA],
    ).fetchall()
    return [name for (name,) in rows]


def _layers(connection: duckdb.DuckDBPyConnection) -> Iterator[PublishedLayer]:
    """Tables and rows of every schema, in the order in which data flows; views hold no rows of their own."""
    sizes = connection.execute("""
        select schema_name, count(*), sum(estimated_size)::bigint from duckdb_tables()
        where database_name = current_database() and not contains(table_name, '__dbt_') group by schema_name
    """).fetchall()
    found = {name: PublishedLayer(name, tables, rows) for name, tables, rows in sizes}
    for name in _LAYERS:
        if name in found:
            yield found[name]


def _digest(connection: duckdb.DuckDBPyConnection, table: str) -> PublishedTable:
    columns = connection.execute(f"describe {SCHEMA}.{table}").fetchall()
    shape = ",".join(f"{name} {kind}" for name, kind, *_ in columns)
    rows, content = connection.execute(
        f"select count(*), coalesce(sum(hash(mart)::hugeint), 0) from {SCHEMA}.{table} as mart"
    ).fetchone()
    digest = connection.execute("select sha256($1)", [f"{shape}|{rows}|{content}"]).fetchone()[0]
    return PublishedTable(name=table, rows=rows, digest=digest)


def _write_file(connection: duckdb.DuckDBPyConnection, settings: Settings, tables: list[str]) -> None:
    with _replacing(marts_file(settings)) as part:
        connection.execute(f"attach '{quoted(part)}' as publication")
        try:
            connection.execute(f"create schema publication.{SCHEMA}")
            for table in tables:
                order = f" order by {_TOGETHER[table]}" if table in _TOGETHER else ""
                connection.execute(
                    f"create table publication.{SCHEMA}.{table} as select * from warehouse.{SCHEMA}.{table}{order}"
                )
            connection.execute("checkpoint publication")
        finally:
            connection.execute("detach publication")
        part.chmod(0o400)


def _write_parquet(connection: duckdb.DuckDBPyConnection, settings: Settings, tables: list[str]) -> None:
    """Write a new generation of files beside the old and turn the link ``parquet`` to it.

    The generation before stays until the next publication, for readers that are in the middle of it.
    """
    link = settings.published / "parquet"
    old = link.readlink().name if link.is_symlink() else None
    number = int(old.removeprefix(".parquet-")) + 1 if old else 1
    folder = settings.published / f".parquet-{number}"
    folder.mkdir(mode=0o700)
    for table in tables:
        file = folder / f"{table}.parquet"
        connection.execute(f"copy warehouse.{SCHEMA}.{table} to '{quoted(file)}' (format parquet, compression zstd)")
        _sync(file)
    _sync(folder)
    pointer = settings.published / ".parquet-link"
    pointer.symlink_to(folder.name, target_is_directory=True)
    if link.exists() and not link.is_symlink():  # a home that was copied file by file
        shutil.rmtree(link)
    os.replace(pointer, link)
    _sync(settings.published)
    for generation in settings.published.glob(".parquet-*"):
        if generation.name not in (folder.name, old):
            shutil.rmtree(generation, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed publication left: part files, a link and generations that no link points to."""
    for part in [*folder.glob(".*.part"), *folder.glob(".*.part.wal"), folder / ".parquet-link"]:
        part.unlink(missing_ok=True)
    link = folder / "parquet"
    current = link.readlink().name if link.is_symlink() else None
    for generation in folder.glob(".parquet-*"):
        if current is None or _number(generation.name) > _number(current):
            shutil.rmtree(generation, ignore_errors=True)


def _number(generation: str) -> int:
    return int(generation.removeprefix(".parquet-"))


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a name to write to; when the block ends, what is there takes the place of ``path`` in one step."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    yield part
    _sync(part)
    os.replace(part, path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
