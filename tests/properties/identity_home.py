"""A home whose raw rows and permissions a test writes, with the real identity models built on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from samtykke.settings import load_settings
from samtykke.storage.connect import open_home, prepare_home
from tests.dbt_process import run_dbt

SEEN = "2026-01-01 00:00:00"
PERMISSIONS = "intermediate.int_consent__permissions"
DENIALS = "intermediate.int_consent__denials"
IDENTITY = "path:models/intermediate/identity"
SEEDS = (
    "identity_rules", "link_purposes", "bot_user_agents", "consent_actions", "purposes", "likeness_rules",
    "source_priorities",
)  # fmt: skip
Row = dict[str, object]
_DEFAULTS: dict[str, Row] = {
    "contacts": {"has_name": True, "has_address": False, "created_at": SEEN},
    "orders": {"ordered_at": SEEN},
    "social_profiles": {"observed_at": SEEN},
    "conversations": {"channel": "chat", "opened_at": SEEN},
    "shares": {"url": "https://example.com/", "created_at": SEEN},
    "page_views": {"url": "https://example.com/", "occurred_at": SEEN},
    "declared_interests": {"interests": [], "dislikes": [], "declared_at": SEEN},
    "email_events": {"event_type": "sent", "occurred_at": SEEN},
}
_COLUMNS = {"crm_id": "crm", "shop_customer_id": "crm", "email": "email", "phone": "phone"}


def named(*keys: str, **more: object) -> Row:
    """Return a row that names identifiers. A key reads ``<kind>/<name>``: no model looks inside it."""
    row: Row = {}
    for key in keys:
        kind = key.split("/")[0]
        column = _COLUMNS.get(kind, kind.split(":")[0])
        row[f"{column}_key"] = key
        if column == "handle":
            row["platform"] = kind.split(":")[1]
        if column in ("crm", "nickname"):
            row[f"{column}_kind"] = kind
    return row | more


class IdentityHome:
    """One home; `target` is where dbt's files go."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.settings = load_settings(home=folder)
        self._target = target
        self._lines = 0
        self._known: set[str] = set()
        self._has_seeds = False
        self._connection: duckdb.DuckDBPyConnection | None = None
        prepare_home(self.settings)
        self.linking()

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One connection for all statements inside; none may be open while dbt builds."""
        if self._connection is not None:
            yield self._connection
            return
        with open_home(self.settings) as self._connection:
            try:
                yield self._connection
            finally:
                self._connection = None

    def add(self, entity: str, rows: Iterable[Row]) -> None:
        """Write rows into a raw table, and the identifiers they name; `<kind>/blocked...` is a blocked one."""
        delivered = []
        for row in rows:
            self._lines += 1
            place = {"file_id": "file", "line_number": self._lines, "loaded_at": SEEN}
            delivered.append({**_DEFAULTS[entity], **place, **row})
            if entity == "social_profiles":
                delivered[-1].pop("crm_kind", None)
        keys = {str(row[name]) for row in delivered for name in row if name.endswith("_key") and name != "record_key"}
        identifiers = [
            {
                "identifier_key": key,
                "identifier_kind": key.partition("/")[0],
                "is_blocked": "/blocked" in key,
                "block_reason": "placeholder" if "/blocked" in key else None,
                "first_seen_at": SEEN,
            }
            for key in sorted(keys - self._known)
        ]
        self._known |= keys
        self._insert(f"raw.{entity}", delivered)
        self._insert("raw.identifiers", identifiers)

    def _insert(self, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        columns = sorted({column for row in rows for column in row})
        row_marks = f"({', '.join('?' * len(columns))})"
        values = [row.get(column) for row in rows for column in columns]
        with self.opened() as connection:
            connection.execute(
                f"insert into {table} ({', '.join(columns)}) values {', '.join([row_marks] * len(rows))}",
                values,
            )

    def linking(
        self, *, granted: Iterable[str] = (), refused: Iterable[str] = (), uses: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Replace what consent says about identity.linking, by identifier, and which other uses one permits."""
        with self.opened() as connection:
            connection.execute("create schema if not exists intermediate")
            for table in (PERMISSIONS, DENIALS):
                connection.execute(
                    f"create or replace table {table} (identifier_key varchar, purpose varchar,"
                    " channel varchar, recipient varchar, is_permitted boolean, controller varchar default 'company')"
                )
        said = {"purpose": "identity.linking"}
        self._insert(PERMISSIONS, [{"identifier_key": key, "is_permitted": True, **said} for key in granted])
        self._insert(PERMISSIONS, [{"identifier_key": key, "is_permitted": False, **said} for key in refused])
        self._insert(PERMISSIONS, [{"identifier_key": key, "is_permitted": True, "purpose": use} for key, use in uses])
        self._insert(DENIALS, [{"identifier_key": key, **said} for key in refused])

    def execute(self, sql: str) -> None:
        with self.opened() as connection:
            connection.execute(sql)

    def rows(self, sql: str) -> list[tuple]:
        with self.opened() as connection:
            return connection.execute(sql).fetchall()

    def build(self, *arguments: str) -> None:
        """Run staging and the identity models as dbt runs them.

        Raises:
            AssertionError: dbt failed; the message is its output.
        """
        seeds = () if self._has_seeds else SEEDS
        self._has_seeds = True
        selected = ("--select", IDENTITY, f"+{IDENTITY},path:models/staging", *seeds)
        command = ["build", *selected, "--exclude-resource-types", "test", "unit_test", *arguments]
        run_dbt(command, settings=self.settings, target=self._target, variables={"as_of": "2026-06-01 00:00:00"})
