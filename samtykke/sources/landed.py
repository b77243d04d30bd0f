"""The temporary tables that readers fill."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from samtykke.sources.separated import Rejected


def reject(connection: duckdb.DuckDBPyConnection, rejected: list[Rejected]) -> None:
    """Add records that could not be read to ``rejected``."""
    if rejected:
        table = pa.table(
            {
                "line_number": [r.line_number for r in rejected],
                "reason": [r.reason for r in rejected],
                "record": [r.record for r in rejected],
            }
        )
        insert(connection, "rejected", table)


def insert(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Add rows to a table."""
    connection.register("batch", table)
    connection.execute(f"insert into {name} select * from batch")
    connection.unregister("batch")
