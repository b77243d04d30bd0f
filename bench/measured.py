"""What the benches share: a dbt run in this process with what DuckDB took of it, parts in processes of their own."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent
PROJECT = BENCH.parent


def run_dbt(arguments: Sequence[str], *, target: Path, as_of: object, seeds: Sequence[str] = ()) -> tuple[dict, Any]:
    """Parse the project, load some seeds, then run dbt and measure that run.

    Args:
        arguments: Of dbt; the home is ``SAMTYKKE_HOME``.
        target: Folder for what dbt writes.
        as_of: The moment of the run.
        seeds: Loaded before, unmeasured.

    Returns:
        CPU seconds of the SQL (``sql_cpu``) and of the whole run (``cpu``), ``wall`` seconds, CPU seconds by model,
        the dearest first (``models``), peak memory in MB (``peak_mb``); and the manifest.

    Raises:
        SystemExit: dbt failed; the message says where.
    """
    from dbt.adapters.duckdb.environments import local
    from dbt.cli.main import dbtRunner

    os.environ |= {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
    place = str(PROJECT)
    project = ["--profiles-dir", place, "--project-dir", place, "--quiet", "--vars", f"{{as_of: '{as_of}'}}"]
    manifest: Any = dbtRunner().invoke(["parse", *project]).result
    if seeds:
        dbtRunner(manifest=manifest).invoke(["seed", *project, "--select", *seeds])
    taken: dict[str, float] = {}
    last = "dbt itself"
    execute = local.DuckDBCursorWrapper.execute

    def measured(self, sql, bindings=None):
        nonlocal last
        before = time.process_time()
        try:
            return execute(self, sql, bindings)
        finally:
            # dbt says in a comment for which model it runs a statement; one without (a commit) is the last model's
            node = re.search(r'"node_id": "[^"]*\.(\w+)"', sql)
            last = node.group(1) if node else last
            taken[last] = taken.get(last, 0.0) + time.process_time() - before

    local.DuckDBCursorWrapper.execute = measured
    before, started = time.process_time(), time.perf_counter()
    try:
        # one thread of dbt (DuckDB has two): statements that overlap could not be told apart
        done = dbtRunner(manifest=manifest).invoke([*arguments, "--threads", "1", *project])
    finally:
        local.DuckDBCursorWrapper.execute = execute
    if not done.success:
        failed = [f"{one.node.name}: {one.message}" for one in getattr(done.result, "results", []) if one.message]
        raise SystemExit(f"dbt {' '.join(arguments)} failed: {failed} {done.exception}")
    figures = {
        "sql_cpu": round(sum(taken.values()), 2),
        "cpu": round(time.process_time() - before, 2),
        "wall": round(time.perf_counter() - started, 2),
        "models": {name: round(cpu, 2) for name, cpu in sorted(taken.items(), key=lambda item: -item[1])},
        "peak_mb": peak(),
    }
    return figures, manifest


def run_part(module: str, part: str, folder: Path, *arguments: object) -> dict:
    """Run a part of a bench in a process of its own, so that its memory is its own, and return what it prints last."""
    command = [sys.executable, "-m", module, "--part", part, "--folder", str(folder), *map(str, arguments)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(PROJECT), "SAMTYKKE_HOME": str(folder)}, cwd=PROJECT,
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def ratio(results: dict, part: str, measure: str, other: str, other_measure: str) -> float:
    """Return one measure of a part over one of another."""
    return round(results[part][measure] / results[other][other_measure], 3)


def read_sql(name: str, **values: object) -> str:
    """Return a file of SQL with ``:name`` replaced."""
    text = (BENCH / name).read_text()
    for key, value in values.items():
        text = text.replace(f":{key}", str(value))
    return text


def peak() -> int:
    """Return the peak memory of this process in MB; where the kernel tells it, not that of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
