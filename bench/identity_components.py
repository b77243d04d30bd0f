"""Run the component macros as dbt would, and measure them alone on a graph with long chains and stars."""

from __future__ import annotations

import time
from collections.abc import Callable
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
ERASED = 1_000
# Components are drawn, large or small: half of the new edges bring a node of their own, half join two.
_MORE = """
    create table more as
    with known as (
        select min(node_id) as node_id, row_number() over (order by hash(component_id, 9)) as n from found
        group by component_id qualify n <= {more} + {more} // 2
    )
    select mine.node_id as a, coalesce(theirs.node_id, (hash(mine.node_id, 11) >> 8)::bigint) as b
    from known as mine
    left join known as theirs on theirs.n = {more} + mine.n // 2 and mine.n % 2 = 0
    where mine.n <= {more}
"""
_ERASED = """
    create table erased as
    select a as node_id from edges group by a order by hash(a, 13) limit {erased}
"""
_TOUCHED = """
    create or replace temp table work as
    with touched as ({touched}), ends as (select node_id from touched as t (node_id))
    select node_id from found
    where component_id in (select component_id from found where node_id in (select node_id from ends))
    union
    select node_id from ends
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


def measure(edges: int, folder: Path) -> dict[str, dict[str, float]]:
    """Measure components over about so many edges in a file, a tenth of a per cent more of them, and erased nodes.

    Returns:
        By step CPU seconds, wall seconds and the process' peak memory in MB so far. The later steps close anew only
        what the change hangs together with, as the models do; ``differing`` counts nodes that closing everything puts
        elsewhere.
    """
    with _open(folder) as connection:
        connection.execute(_EDGES.format(clusters=int(edges / 4.4)))
        (drawn,) = connection.execute("select count(*) from edges").fetchone() or (0,)
    with _open(folder) as connection:
        steps = {f"{drawn:,} edges": _timed(connection, _close_all)}
        connection.execute(_MORE.format(more=drawn // 1000))
        steps["0.1 % more edges"] = _timed(connection, _add)
        connection.execute(_ERASED.format(erased=ERASED))
        steps[f"{ERASED:,} nodes erased"] = _timed(connection, _erase)
        steps["differing"] = {"nodes": _differing(connection)}
    return steps


def _open(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / "components.duckdb"))
    connection.execute(f"set threads = 2; set memory_limit = '2GB'; set temp_directory = '{folder / 'spill'}'")
    return connection


def _timed(
    connection: duckdb.DuckDBPyConnection, step: Callable[[duckdb.DuckDBPyConnection], None]
) -> dict[str, float]:
    before, started = time.process_time(), time.perf_counter()
    step(connection)
    cpu, wall = time.process_time() - before, time.perf_counter() - started
    return {"cpu": round(cpu, 2), "wall": round(wall, 2), "peak_mb": peak()}


def _close_all(connection: duckdb.DuckDBPyConnection) -> None:
    select = run_macro(connection, "connected_components", "select a, b from edges", "bench")
    connection.execute(f"create or replace table found as {select}")


def _add(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into edges from more")
    _close_touched(connection, "select a from more union select b from more")


def _erase(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_TOUCHED.format(touched="select node_id from erased"))
    connection.execute("delete from edges where a in (from erased) or b in (from erased)")
    _close_touched(connection, "select node_id from work")


def _close_touched(connection: duckdb.DuckDBPyConnection, touched: str) -> None:
    connection.execute(_TOUCHED.format(touched=touched))
    edges = "select a, b from edges where a in (select node_id from work)"
    select = run_macro(connection, "connected_components", edges, "bench")
    connection.execute("delete from found where node_id in (select node_id from work)")
    connection.execute(f"insert into found {select}")


def _differing(connection: duckdb.DuckDBPyConnection) -> int:
    connection.execute("alter table found rename to by_steps")
    _close_all(connection)
    named = "select node_id, min(node_id) over (partition by component_id) as name from "
    (differing,) = connection.execute(
        f"select count(*) from ({named} by_steps) as a full join ({named} found) as b using (node_id) "
        "where a.name is distinct from b.name"
    ).fetchone() or (0,)
    return differing
