"""Measure the web models: everything at once, then one more day, on visitors that never were.

    python -m bench.web --clicks 2000000 --folder /somewhere/with/space

Draws 90 days of clicks and one day more (web_generate.sql), some of them delivered days or weeks late, and delivers
them file by file (web_deliver.sql). Real dbt builds the web models of the first 90 days, then the night after, in
which people also take permissions back, then everything from scratch. Both must give the same rows, or nothing is
reported.
Beside them the plain statement that finds visits (web_reference.sql): no bots, no people, no dwell, nothing kept.
CPU seconds count, because they say the same on a busy machine. Results: bench/results/web-<clicks>.json and .md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from bench.measured import BENCH, peak, ratio, read_sql, run_dbt, run_part
from bench.web_report import report

AS_OF = datetime(2026, 6, 30)
MODELS = "tag:web_days"
# What the web models read of others; drawn, so that only they are measured.
AROUND = "+int_behaviour__products int_behaviour__person_uses int_behaviour__identifier_persons"
# What a build notes for the next one differs by how it came about.
NOTES = ("stg_web__deliveries", "int_behaviour__web_rules", "int_behaviour__web_told")
SESSIONISE = ("int_behaviour__clicks", "int_behaviour__sessions")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--clicks", type=int, default=2_000_000)
    arguments.add_argument("--folder", type=Path, required=True, help="Emptied before and after.")
    arguments.add_argument("--keep", action="store_true", help="Leave what was drawn.")
    arguments.add_argument("--part", help="One part; for itself.")
    asked = arguments.parse_args()
    if asked.part:
        print(json.dumps(_PARTS[asked.part](asked.folder, asked.clicks)))
        return
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    results: dict[str, object] = {"clicks": asked.clicks, "duckdb": duckdb.__version__, "threads": 2}
    for part in _PARTS:
        results[part] = run_part("bench.web", part, asked.folder, "--clicks", asked.clicks)
        print(part, json.dumps(results[part]), file=sys.stderr, flush=True)
    results["ratios"] = {
        "one more day: SQL / SQL of everything": ratio(results, "day", "sql_cpu", "again", "sql_cpu"),
        "one more day: dbt run / dbt run of everything": ratio(results, "day", "cpu", "again", "cpu"),
        "clicks and visits: SQL / plain sessionise": round(
            sum(results["again"]["models"].get(name, 0) for name in SESSIONISE) / results["reference"]["cpu"], 3
        ),
    }
    results["brought"] = results["deliver"]["clicks"] - results["history"]["clicks"]
    text = json.dumps(results, indent=2)
    (BENCH / "results" / f"web-{asked.clicks}.json").write_text(text + "\n")
    (BENCH / "results" / f"web-{asked.clicks}.md").write_text(report(results))
    if not asked.keep:
        shutil.rmtree(asked.folder)
    print(text)


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / "warehouse.duckdb"))
    connection.execute(f"""
        set TimeZone = 'UTC'; set threads = 2; set memory_limit = '4GB'; set preserve_insertion_order = false;
        set temp_directory = '{folder / "spill"}'; attach '{folder / "ledger.duckdb"}' as ledger;
        create schema if not exists intermediate
    """)
    return connection


def _generate(folder: Path, clicks: int) -> dict:
    from samtykke.settings import load_settings
    from samtykke.storage.connect import prepare_home

    prepare_home(load_settings())
    with _connect(folder) as connection:
        connection.execute(read_sql("web_generate.sql", clicks=clicks, as_of=AS_OF))
    return {"seeds": _dbt(folder, ["seed"], AS_OF)["wall"]}


def _deliver(folder: Path, first_day: int, last_day: int) -> dict:
    with _connect(folder) as connection:
        connection.execute(read_sql("web_deliver.sql", first_day=first_day, last_day=last_day, as_of=AS_OF))
        (rows,) = connection.execute("select count(*) from raw.page_views").fetchone()
        (late,) = connection.execute(
            "select count(*) from raw.drawn_clicks where delivered_on between $1 and $2"
            " and occurred_at < timestamp '2026-06-30' - interval 90 day + to_days($1)", [first_day, last_day]
        ).fetchone()  # fmt: skip
    _dbt(folder, ["run", "--select", *AROUND.split()], AS_OF)
    return {"clicks": rows, "of_earlier_days": late}


def _build(*arguments: str, days: int):
    def build(folder: Path, _clicks: int) -> dict:
        moment = AS_OF + timedelta(days=days)
        return _dbt(folder, ["run", "--select", MODELS, *arguments], moment)

    return build


def _compare(folder: Path, _clicks: int) -> dict:
    """Remember what the night after told; once everything is told from scratch, hold the two together."""
    kept = folder / "one_day.duckdb"
    with _connect(folder) as connection:
        if not kept.exists():
            connection.execute(f"attach '{kept}' as kept")
            for name in _tables(connection):
                connection.execute(f"create table kept.{name.split('.')[1]} as from warehouse.{name}")
            return {}
        connection.execute(f"attach '{kept}' as kept")
        rows = {}
        for name in _tables(connection):
            mine, other = f"from warehouse.{name}", f"from kept.{name.split('.')[1]}"
            for left, right in ((mine, other), (other, mine)):
                (differing,) = connection.execute(
                    f"select count(*) from ((select * {left}) except all (select * {right}))"
                ).fetchone()
                if differing:
                    raise SystemExit(f"{name}: one more day and everything differ in {differing} rows")
            (rows[name],) = connection.execute(f"select count(*) {mine}").fetchone()
        return rows


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What people and other models read of the web, and what it is made of."""
    named = json.loads((Path(os.environ["SAMTYKKE_HOME"]) / "target" / "told.json").read_text())
    present = {
        f"{schema}.{table}"
        for schema, table in connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_catalog = 'warehouse'"
        ).fetchall()
    }
    return sorted(present.intersection(named))


def _reference(folder: Path, _clicks: int) -> dict:
    with _connect(folder) as connection:
        before = time.process_time()
        connection.execute(read_sql("web_reference.sql"))
        return {"cpu": round(time.process_time() - before, 2), "peak_mb": peak()}


def _dbt(folder: Path, arguments: list[str], as_of: datetime) -> dict:
    figures, manifest = run_dbt(arguments, target=folder / "target", as_of=as_of)
    nodes = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    told = [f"{node.schema}.{node.alias}" for node in nodes if "web_days" in node.tags and node.name not in NOTES]
    (folder / "target" / "told.json").write_text(json.dumps(told))
    return figures


_PARTS = {
    "generate": _generate,
    "history": lambda folder, _clicks: _deliver(folder, 0, 89),
    "everything": _build(days=0),
    "deliver": lambda folder, _clicks: _deliver(folder, 90, 90),
    "day": _build(days=1),
    "keep": _compare,
    "again": _build("--full-refresh", days=1),
    "compare": _compare,
    "reference": _reference,
}

if __name__ == "__main__":
    main()
