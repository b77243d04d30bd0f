"""A home on which real dbt builds the consent models again and again."""

from __future__ import annotations

from pathlib import Path

import duckdb

from samtykke.settings import load_settings
from samtykke.storage.connect import prepare_home
from tests.dbt_process import run_dbt
from tests.properties.consent_sql import SEEDS, ConsentModels

MODELS = (
    "path:models/staging/consent", "path:models/intermediate/consent", "stg_crm__contacts", "stg_landing__identifiers",
)  # fmt: skip
INPUTS = ("ledger.tombstones", "raw.notices", "raw.suppressions", "raw.contacts", "raw.email_events")


class ConsentHome:
    """A home with reference data.

    Args:
        folder: Where the home and dbt's files go.
        reference: Whose reference data, inputs and links between people are taken.
    """

    def __init__(self, folder: Path, reference: ConsentModels) -> None:
        self.settings = load_settings(home=folder / "home")
        prepare_home(self.settings)
        self.reference = reference
        with self.connect() as connection:
            connection.execute("create schema reference; create schema intermediate")
            for name in SEEDS:
                self._copy(connection, f"reference.{name}")
            connection.execute("create table purposes_as_they_were as select * from reference.purposes")
            for name in ("person_identifiers", "person_links"):
                self._copy(connection, f"intermediate.int_identity__{name}")
        self._target = folder / "target"

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.settings.warehouse))
        connection.execute(f"set TimeZone = 'UTC'; attach '{self.settings.ledger}' as ledger")
        return connection

    def execute(self, sql: str) -> None:
        with self.connect() as connection:
            connection.execute(sql)

    def _copy(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        rows = self.reference.connection.execute(f"select * from {table}").to_arrow_table()
        connection.register("copied", rows)
        connection.execute(f"create or replace table {table} as select * from copied")
        connection.unregister("copied")

    def build(self, *, select: tuple[str, ...] = MODELS, **variables: object) -> None:
        """Run the models as dbt runs them, incrementally where they are.

        Raises:
            AssertionError: dbt failed.
        """
        run_dbt(["run", "--select", *select], settings=self.settings, target=self._target, variables=variables)
