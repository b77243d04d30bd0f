"""A home whose landing layer a test writes row by row, and the identity models built on it by the real dbt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from samtykke.settings import load_settings
from samtykke.storage.connect import open_home, prepare_home

PROJECT = Path(__file__).resolve().parents[2]
AS_OF = "2026-06-01 00:00:00"
_SEEN = "2026-01-01 00:00:00"
_DEFAULTS: dict[str, dict[str, object]] = {
    "contacts": {"has_name": True, "has_address": False, "loaded_at": _SEEN, "created_at": _SEEN},
    "orders": {"ordered_at": _SEEN, "loaded_at": _SEEN},
    "social_profiles": {"observed_at": _SEEN, "loaded_at": _SEEN},
    "conversations": {"channel": "chat", "opened_at": _SEEN, "loaded_at": _SEEN},
    "shares": {"url": "https://example.com/", "created_at": _SEEN, "loaded_at": _SEEN},
    "page_views": {"url": "https://example.com/", "occurred_at": _SEEN, "loaded_at": _SEEN},
    "email_events": {"event_type": "sent", "occurred_at": _SEEN, "loaded_at": _SEEN},
}


class IdentityHome:
    """One home. Keys in its rows read ``<kind>/<name>``: the models never look inside a key."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.settings = load_settings(home=folder)
        self._target = target
        self._lines = 0
        prepare_home(self.settings)

    def add(self, entity: str, rows: list[dict[str, object]]) -> None:
        """Write rows into a raw table, and the identifiers they name."""
        with open_home(self.settings) as connection:
            for row in rows:
                self._lines += 1
                full = {**_DEFAULTS[entity], "file_id": "file", "line_number": self._lines, **row}
                columns = ", ".join(full)
                marks = ", ".join("?" * len(full))
                connection.execute(
                    f"insert into raw.{entity} ({columns}) values ({marks})", list(full.values())
                )
                for column, key in row.items():
                    if column.endswith("_key") and column != "record_key":
                        self._identify(connection, str(key))

    @staticmethod
    def _identify(connection: duckdb.DuckDBPyConnection, key: str) -> None:
        kind, name = key.split("/", 1)
        connection.execute(
            "insert or ignore into raw.identifiers (identifier_key, identifier_kind, is_blocked, block_reason, first_seen_at)"
            " values (?, ?, ?, ?, ?)",
            [
                key,
                kind,
                name.startswith("blocked"),
                "placeholder" if name.startswith("blocked") else None,
                _SEEN,
            ],
        )

    def execute(self, sql: str, parameters: list[object] | None = None) -> None:
        with open_home(self.settings) as connection:
            connection.execute(sql, parameters or [])

    def rows(self, sql: str) -> list[tuple]:
        with open_home(self.settings, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def build(self, *arguments: str, as_of: str = AS_OF) -> None:
        """Run the identity models and their parents.

        Raises:
            AssertionError: dbt failed; the message is its output.
        """
        environment = {
            **os.environ,
            "SAMTYKKE_HOME": str(self.settings.home),
            "DBT_TARGET_PATH": str(self._target),
            "DBT_LOG_PATH": str(self._target),
        }
        done = subprocess.run(
            [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "build",
             "--select", "+path:models/intermediate/identity", "--exclude-resource-types", "test", "unit_test", "--profiles-dir", str(PROJECT), "--vars", f"{{as_of: '{as_of}'}}", *arguments],
            cwd=PROJECT, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
