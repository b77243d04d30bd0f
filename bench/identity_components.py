"""Run the component macros as dbt would, and measure them alone on a graph with long chains and stars."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import jinja2

from bench.measured import peak

MACROS = Path(__file__).resolve().parents[1] / "macros"
# Clusters of sizes ~ s^-2.6 up to 20,000; 12 % stars, 8 % chains of at most 300, the rest random trees.
_EDGES = """
    create table edges as
    with clusters as (
        select c, least(20000, greatest(2, floor(2.4 * pow(u, -1 / 1.6))))::bigint as size, hash(c, 2) % 100 as shape
        from (select c, (hash(c, 1) % 1000003 + 1) / 1000004.0 as u from range({clusters}) as drawn (c))
    ),
    nodes as (
        select c, shape, unnest(range(1, if(shape between 12 and 19, least(size, 300), size))) as i, from clusters
    ),
    drawn as (
        select c, i, case when shape < 12 then 0 when shape < 20 then i - 1 else (hash(c, i) % i)::bigint end as j,
        from nodes
    )
    select (hash(c, i, 7) >> 8)::bigint as a, (hash(c, j, 7) >> 8)::bigint as b from drawn order by hash(a, 3)
"""


class _Return(Exception):
    """How dbt's `return` leaves a macro."""


def _leave(value: str) -> None:
    raise _Return(value)


def run_macro(connection: duckdb.DuckDBPyConnection, name: str, *given: object) -> str:
    """Run a macro of the project that builds components, as dbt would, and return the select that it leaves behind."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals.update(
        {
            "execute": True,
            "flags": {"WHICH": "run"},
            "return": _leave,
            "run_query": lambda sql: connection.execute(sql).fetchall(),
            "connected_components": lambda *given: run_macro(connection, "connected_components", *given),
        }
    )
    try:
        module = environment.from_string((MACROS / f"{name}.sql").read_text()).module
        getattr(module, name)(*given)
    except _Return as left:
        return str(left)
    raise AssertionError("the macro returned nothing")


def measure(edges: int, folder: Path) -> dict[str, float]:
    """Return CPU seconds, wall seconds and peak memory of components over about so many edges in a file."""
    with duckdb.connect(str(folder / "components.duckdb")) as connection:
        connection.execute(f"set threads = 2; set temp_directory = '{folder / 'spill'}'")
        connection.execute(_EDGES.format(clusters=int(edges / 4.4)))
        (found,) = connection.execute("select count(*) from edges").fetchone() or (0,)
    return {"edges": found, **_timed(folder)}


def _timed(folder: Path) -> dict[str, float]:
    with duckdb.connect(str(folder / "components.duckdb")) as connection:
        connection.execute(f"set threads = 2; set memory_limit = '2GB'; set temp_directory = '{folder / 'spill'}'")
        before, started = time.process_time(), time.perf_counter()
        select = run_macro(connection, "connected_components", "select a, b from edges", "bench")
        connection.execute(f"create table found as {select}")
        cpu, wall = time.process_time() - before, time.perf_counter() - started
        (components,) = connection.execute("select count(distinct component_id) from found").fetchone() or (0,)
    return {"components": components, "cpu": round(cpu, 2), "wall": round(wall, 2), "peak_mb": peak()}
