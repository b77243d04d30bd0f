"""Measure the consent models against a hand-written script of the same rules, on people that never were.

    python bench/consent.py --people 1000000 --folder /somewhere/with/space

Draws a home's ledger and facts (consent_generate.sql, consent_facts.sql), runs consent_reference.sql on them, then the
project's models through real dbt: everything, then a batch of 1,000 new events. The intervals and permissions of both
must be equal, row for row, after either; otherwise nothing is reported. Each part is a process of its own. CPU seconds
count, because they say the same on a busy machine. Results: bench/results/consent-<people>.json.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import time
from pathlib import Path

import duckdb

from bench.measured import BENCH, peak, ratio, read_sql, run_dbt, run_part

AS_OF = "2026-06-30 00:00:00"
BATCH = 1_000
# Stored decisions, and what is not kept of them: the reference numbers nothing for another build.
SPANS = (
    "select k as key_number, known_from, known_to, valid_from, valid_to, rule_id, is_permitted, winner as winning_rank,"
    " expires_at, why as expiry_reason, holds_negative from results.spans"
)
MODELS = "+int_consent__told"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument(
        "--folder", type=Path, required=True, help="Of the home that is drawn; emptied before and after."
    )
    arguments.add_argument("--part", choices=["generate", "more", "reference", "models"], help="One part; for itself.")
    asked = arguments.parse_args()
    if asked.part:
        print(json.dumps(_PARTS[asked.part](asked.folder, asked.people)))
        return
    shutil.rmtree(asked.folder, ignore_errors=True)
    results: dict[str, object] = {"people": asked.people, "duckdb": duckdb.__version__, "threads": 2}
    results["ledger"] = run_part("bench.consent", "generate", asked.folder, "--people", asked.people)
    results["reference"] = run_part("bench.consent", "reference", asked.folder, "--people", asked.people)
    results["models"] = run_part("bench.consent", "models", asked.folder, "--people", asked.people)
    _assert_equal(asked.folder)
    run_part("bench.consent", "more", asked.folder, "--people", asked.people)
    results["increment"] = run_part("bench.consent", "models", asked.folder, "--people", asked.people)
    results["reference_again"] = run_part("bench.consent", "reference", asked.folder, "--people", asked.people)
    _assert_equal(asked.folder)
    results["ratios"] = {
        "full: SQL of the models / reference": ratio(results, "models", "sql_cpu", "reference", "cpu"),
        "increment: SQL / SQL of the full build": ratio(results, "increment", "sql_cpu", "models", "sql_cpu"),
        "increment: whole dbt run / whole full run": ratio(results, "increment", "cpu", "models", "cpu"),
    }
    text = json.dumps(results, indent=2)
    (BENCH / "results" / f"consent-{asked.people}.json").write_text(text + "\n")
    shutil.rmtree(asked.folder)
    print(text)


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / "warehouse.duckdb"))
    connection.execute(f"""
        set TimeZone = 'UTC'; set threads = 2; set memory_limit = '4GB'; set preserve_insertion_order = false;
        set temp_directory = '{folder / "spill"}'; attach '{folder / "ledger.duckdb"}' as ledger
    """)
    return connection


def _generate(folder: Path, people: int) -> dict:
    """A home with everything drawn, and the seeds loaded."""
    from samtykke.settings import load_settings
    from samtykke.storage.connect import prepare_home

    prepare_home(load_settings())
    common = {"as_of": AS_OF, "people": people, "seed": 1}
    with _connect(folder) as connection:
        connection.execute(read_sql("consent_notices.sql", **common))
        connection.execute(
            read_sql("consent_generate.sql", first_event=0, events=5 * people, loaded_at="null", **common)
        )
        connection.execute(read_sql("consent_facts.sql", **common))
        (events, identifiers) = connection.execute(
            "select count(*), approx_count_distinct(identifier_key) from ledger.consent_events"
        ).fetchone()
    _dbt(folder, ["seed"])
    return {"events": events, "identifiers_about": identifiers}


def _more(folder: Path, people: int) -> dict:
    with _connect(folder) as connection:
        connection.execute(
            read_sql(
                "consent_generate.sql", first_event=5 * people, events=BATCH, loaded_at=f"timestamp '{AS_OF}'",
                as_of=AS_OF, people=people, seed=1,
            )
        )  # fmt: skip
    return {}


def _reference(folder: Path, _people: int) -> dict:
    """The hand-written script, into tables that the comparison reads."""
    stages = {}
    results = folder / "reference.duckdb"
    results.unlink(missing_ok=True)
    script = read_sql("consent_reference.sql", as_of=f"timestamp '{AS_OF}'")
    for table in ("spans", "permissions"):
        script = script.replace(f"create temp table {table} ", f"create table results.{table} ")
    script = script.replace("from spans as s", "from results.spans as s")
    with _connect(folder) as connection:
        connection.execute(f"attach '{results}' as results")
        for stage in re.split("^-- @stage ", script, flags=re.M)[1:]:
            name, sql = stage.split("\n", 1)
            before = time.process_time()
            connection.execute(sql)
            stages[name] = round(time.process_time() - before, 2)
    return {"cpu": round(sum(stages.values()), 2), "stages": stages, "peak_mb": peak()}


def _models(folder: Path, _people: int) -> dict:
    return _dbt(folder, ["run", "--select", MODELS])


def _dbt(folder: Path, arguments: list[str]) -> dict:
    figures, _ = run_dbt(arguments, target=folder / "target", as_of=AS_OF)
    dearest = dict(list(figures.pop("models").items())[:12])
    return {**figures, "dearest": dearest}


def _assert_equal(folder: Path) -> None:
    with _connect(folder) as connection:
        connection.execute(f"attach '{folder / 'reference.duckdb'}' as results")
        pairs = {
            "int_consent__spans": SPANS,
            "int_consent__permissions": "select * from results.permissions",
        }
        for model, wanted in pairs.items():
            names = ", ".join(column[0] for column in connection.execute(f"describe {wanted}").fetchall())
            mine = f"select {names} from warehouse.intermediate.{model}"
            for left, right in ((mine, wanted), (wanted, mine)):
                (rows,) = connection.execute(f"select count(*) from (({left}) except all ({right}))").fetchone()
                if rows:
                    raise SystemExit(f"{model} and the reference differ in {rows} rows: nothing was measured")


_PARTS = {"generate": _generate, "more": _more, "reference": _reference, "models": _models}

if __name__ == "__main__":
    main()
