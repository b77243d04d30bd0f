"""What the graph shows of a table: its columns and its rows, counted by one query of our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import duckdb

# The key under which Dagster's catalogue shows the size of a table.
ROW_COUNT = "dagster/row_count"


def row_counts(connection: duckdb.DuckDBPyConnection, relations: Iterable[str]) -> dict[str, int]:
    """Count the rows of relations (``schema.table`` or ``database.schema.table``) in one statement."""
    names = sorted(set(relations))
    if not names:
        return {}
    query = " union all ".join(f"select '{name}', count(*) from {name}" for name in names)
    return dict(connection.execute(query).fetchall())


def table_metadata(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, Any]:
    """Return row count, columns and name of one table, as Dagster's catalogue wants them."""
    described = connection.execute(f"describe {relation}").fetchall()
    columns = [dg.TableColumn(name=name, type=kind.lower()) for name, kind, *_ in described]
    return {
        ROW_COUNT: row_counts(connection, [relation])[relation],
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/table_name": relation,
    }


def source_spec(
    manifest: Mapping[str, Any],
    source: str,
    table: str,
    *,
    group: str,
    owner: str,
    deps: Iterable[dg.AssetKey] = (),
) -> dg.AssetSpec:
    """Return the asset of a table that dbt reads as a source and Python writes; described once, in the dbt project.

    Raises:
        KeyError: The dbt project declares no such source.
    """
    node = manifest["sources"][f"source.{manifest['metadata']['project_name']}.{source}.{table}"]
    return dg.AssetSpec(
        key=[source, table],
        deps=list(deps),
        description=node["description"],
        group_name=group,
        owners=[owner],
        kinds={"python", "duckdb"},
        skippable=True,
    )
