"""Open the home's databases: create the folder, apply numbered migrations, attach ledger and vault."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import duckdb

from samtykke.keys import register_key_macro
from samtykke.settings import Settings

_DATABASES = ("warehouse", "ledger", "vault")


def prepare_home(settings: Settings) -> None:
    """Create the home with private permissions and bring its databases to the newest migration."""
    os.umask(0o077)
    for folder in (settings.home, settings.drop_folder, settings.exports, settings.published, settings.home / "logs"):
        folder.mkdir(parents=True, exist_ok=True)
    clear_spill(settings)
    for name in _DATABASES:
        with duckdb.connect(str(getattr(settings, name))) as connection:
            _migrate(connection, name)


def clear_spill(settings: Settings) -> None:
    """Remove spill files that a killed process left behind: they hold clear text."""
    shutil.rmtree(settings.spill, ignore_errors=True)
    settings.spill.mkdir(parents=True, exist_ok=True)


@contextmanager
def open_home(
    settings: Settings, *, read_only: bool = False, vault: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the warehouse with ``ledger`` (and ``vault`` on request) attached.

    Args:
        settings: Whose home.
        read_only: Open every database read-only.
        vault: Attach the vault too, and create the macro ``identifier_key(kind, value)``.
    """
    if not settings.warehouse.exists():
        prepare_home(settings)
    mode = " (read_only)" if read_only else ""
    connection = duckdb.connect(str(settings.warehouse), read_only=read_only)
    try:
        configure(connection, settings)
        connection.execute(f"attach '{quoted(settings.ledger)}' as ledger{mode}")
        if vault:
            connection.execute(f"attach '{quoted(settings.vault)}' as vault{mode}")
            register_key_macro(connection, settings.pepper_bytes)
        yield connection
    finally:
        connection.close()


def configure(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Give a connection the settings of every connection: UTC, the home's limits and spill folder, no downloads."""
    connection.execute(f"""
        set TimeZone = 'UTC';
        set threads = {settings.threads};
        set memory_limit = '{settings.memory_limit}';
        set temp_directory = '{quoted(settings.spill)}';
        set autoinstall_known_extensions = false;
        set enable_progress_bar = false;
    """)


def quoted(path: Path) -> str:
    """Return a path as it stands in a literal of SQL."""
    return str(path).replace("'", "''")


def migration_scripts(name: str) -> list[tuple[str, str]]:
    """Return the numbered scripts of a database (``warehouse``, ``ledger``, ``vault``) in order, each with its text."""
    folder = resources.files("samtykke.storage") / "migrations" / name
    scripts = sorted(folder.iterdir(), key=lambda item: item.name)
    return [(script.name, script.read_text()) for script in scripts if script.name.endswith(".sql")]


def _migrate(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(
        "create table if not exists schema_migrations (version varchar primary key, applied_at timestamp)"
    )
    applied = {version for (version,) in connection.execute("select version from schema_migrations").fetchall()}
    for script, text in migration_scripts(name):
        if script not in applied:
            connection.execute("begin")
            connection.execute(text)
            connection.execute("insert into schema_migrations values ($1, now()::timestamp)", [script])
            connection.execute("commit")
