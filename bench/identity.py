"""Measure who is taken for whom: the product's identity models against plain Splink and against what can be known.

    python -m bench.identity --people 20000 [--records 1000000] [--edges 10000000]

Customers that never were are drawn twice (identity_world.py): on the first half a resolver may choose its parameters
(the threshold, for Splink), on the second they are reported. The oracle links by the same identifiers, but only inside
the true person: nobody who trusts identifiers finds more. `--records` adds the speed of the models on so many records,
`--edges` that of the component step alone. Results: bench/results/identity-<people>.json and .md. CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pyarrow as pa

from bench import identity_components, identity_records, identity_splink
from bench.identity_figures import Figures, figures
from bench.identity_home import BenchHome
from bench.identity_sets import channels
from bench.identity_world import World
from samtykke.storage.connect import open_home

RESULTS = Path(__file__).resolve().parent / "results"
CHOOSE, REPORT = 1, 2
_HALVES = {CHOOSE: "chosen on", REPORT: "reported on"}
ERASED = 1_000
Rows = list[tuple[object, ...]]
# Identifiers of a row, see World.rows.
_PLACES = range(3, 8)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=20_000)
    arguments.add_argument("--records", type=int, help="Measure the models' speed on so many records too.")
    arguments.add_argument("--edges", type=int, help="Measure the component step on so many edges too.")
    arguments.add_argument("--folder", type=Path, help="For homes; a temporary folder by default.")
    asked = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-identity-", dir=asked.folder))
    results: dict[str, object] = {"people": asked.people, "duckdb": duckdb.__version__}
    try:
        results["records"], results["skipped"] = identity_records.measure()
        drawn = {half: list(World(asked.people, seed).rows()) for seed, half in _HALVES.items()}
        results["multichannel"] = _quality(drawn, folder / "drawn")
        results["channels"] = {name: _quality(_halves(rows), folder / name) for name, rows in channels()}
        if asked.records:
            results["models"] = _speed(asked.records, folder)
        if asked.edges:
            results["components"] = apart(identity_components.measure, asked.edges, folder)
    finally:
        shutil.rmtree(folder)
    text = _table(results)
    (RESULTS / f"identity-{asked.people}.json").write_text(json.dumps(results, indent=2) + "\n")
    (RESULTS / f"identity-{asked.people}.md").write_text(text)
    print(text)


def apart(work: Callable[..., object], *given: object) -> object:
    """Run in a process of its own: its peak memory is its own, and dbt lets go of the file."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _halves(rows: Rows) -> dict[str, Rows]:
    """Split a set that somebody else drew by person."""
    return {
        half: [row for row in rows if hash((REPORT, row[-1])) % 2 == place]
        for place, half in enumerate(_HALVES.values())
    }


def _quality(halves: dict[str, Rows], folder: Path) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    chosen = 0.0
    for half, rows in halves.items():
        oracle = closure_figures(rows, lambda row: row[-1])
        lines += [
            _line(half, "oracle: identifiers inside the true person", oracle),
            _line(half, "every equal identifier links", closure_figures(rows, lambda row: None)),
        ]
        found, cpu = apart(identity_splink.resolve, rows)
        if not chosen:
            chosen = max(found, key=lambda threshold: found[threshold].f1)
        lines.append(_line(half, f"plain Splink, p >= {chosen}", found[chosen], cpu=cpu, oracle=oracle))
        home = BenchHome(folder / half.replace(" ", "-"), rows)
        names = home.number_names()
        built = apart(BenchHome.build, home)
        with open_home(home.settings, read_only=True) as connection:
            ours = figures(connection, home.clusters())
        cpu = round(built["sql_cpu"] + names, 2)
        lines.append(_line(half, "samtykke, deterministic", ours, cpu=cpu, oracle=oracle))
        compared = home.compare()
        again = apart(BenchHome.build, home)
        with open_home(home.settings, read_only=True) as connection:
            ours = figures(connection, home.clusters())
        cpu = round(again["sql_cpu"] + names + compared, 2)
        lines.append(_line(half, "samtykke, with likeness", ours, cpu=cpu, oracle=oracle))
    return lines


def _line(
    half: str, name: str, found: Figures, *, cpu: float | None = None, oracle: Figures | None = None
) -> dict[str, object]:
    share = round(found.recall / oracle.recall, 4) if oracle else None
    rounded = {key: round(value, 4) for key, value in (asdict(found) | {"f1": found.f1}).items()}
    return {"half": half, "resolver": name, **rounded, "share_of_oracle": share, "cpu": cpu}


def closure_figures(rows: Rows, scope: Callable[[tuple[object, ...]], object]) -> Figures:
    """Return the figures of linking every two records that share an identifier within a scope."""
    parent: dict[object, object] = {}

    def root(node: object) -> object:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = node = parent.setdefault(above, above)
        return node

    for row in rows:
        for place in _PLACES:
            if row[place] is not None:
                parent[root(row[0])] = root((place, row[place], scope(row)))
    return clusters_figures((row[0], row[-1], str(root(row[0]))) for row in rows)


def clusters_figures(clusters: Iterable[tuple[object, object, str]]) -> Figures:
    """Return the figures of (number, person, cluster)."""
    columns = dict(zip(("number", "person", "cluster"), map(list, zip(*clusters, strict=True)), strict=True))
    with duckdb.connect() as connection:
        connection.register("clusters", pa.table(columns))
        return figures(connection, "select * from clusters")


def _speed(records: int, folder: Path) -> dict[str, object]:
    rows = list(World(records * 10 // 36, REPORT).rows())
    held_back = set(random.Random(REPORT).sample(range(len(rows)), len(rows) // 1000))
    home = BenchHome(folder / "home-speed", (row for number, row in enumerate(rows) if number not in held_back))
    names = home.number_names()
    built = {"all": {"records": len(rows) - len(held_back), "names_cpu": names, **_built(home)}}
    home.deliver((row for number, row in enumerate(rows) if number in held_back), "batch")
    names = home.number_names()
    built["0.1 % more"] = {"records": len(held_back), "names_cpu": names, **_built(home)}
    gone = home.erase(ERASED)
    built[f"{ERASED:,} people erased"] = {"identifiers": gone, **_built(home)}
    return built


def _built(home: BenchHome) -> dict[str, object]:
    return {**apart(BenchHome.build, home), "records_told": home.told()}


def _table(results: dict[str, object]) -> str:
    lines = _channels_table(results["multichannel"])
    for name, found in results["channels"].items():
        lines += ["", f"Records of many channels, {name}:", "", *_channels_table(found)]
    lines += _speed_table(results)
    title = f"Multi-channel customers, {results['people']:,} people per half."
    return "\n".join([*_records_table(results), title, "", *lines, ""])


def _speed_table(results: dict[str, object]) -> list[str]:
    lines = ["", "| speed | of | CPU s | wall s | peak MB |", "|" + "---|" * 5]
    if "models" in results:
        built = results["models"]["all"]
        size = f"{built['records']:,} records"
        lines.append(f"| names behind the vault | {size} | {built['names_cpu']} | | |")
        for what, found in results["models"].items():
            of = size if what == "all" else f"{what}, {found['records_told']:,} records told anew"
            lines += [
                f"| deterministic stage: staged record to person | {of} | {found['stage_cpu']} | | |",
                f"| all identity models | {of} | {found['sql_cpu']} | {found['wall']} | {found['peak_mb']} |",
            ]
    if "components" in results:
        differing = results["components"]["differing"]["nodes"]
        for of, found in results["components"].items():
            if of != "differing":
                lines.append(f"| components | {of} | {found['cpu']} | {found['wall']} | {found['peak_mb']} |")
        lines += ["", f"Closing everything anew puts {differing:,} nodes elsewhere than the steps did."]
    return lines if len(lines) > 3 else []


def _channels_table(found: list[dict[str, object]]) -> list[str]:
    head = "| half | resolver | pairs P | pairs R | F1 | B3 | largest | of the oracle's recall | CPU s |"
    lines = [head, "|" + "---|" * 9]
    for line in found:
        cells = (line[key] for key in ("half", "resolver", "precision", "recall", "f1", "b3", "largest"))
        rest = (line[key] if line[key] is not None else "" for key in ("share_of_oracle", "cpu"))
        lines.append("| " + " | ".join(map(str, [*cells, *rest])) + " |")
    return lines


def _records_table(results: dict[str, object]) -> list[str]:
    lines = ["Public sets of records; chosen on one half of the people, reported on the other, both ways round.", ""]
    lines += ["| set | resolver | pairs P | pairs R | F1 | B3 | largest | chosen | CPU s |", "|" + "---|" * 9]
    for line in results["records"]:
        cells = [line[key] for key in ("set", "resolver", "precision", "recall", "f1", "b3", "largest")]
        lines.append("| " + " | ".join(map(str, [*cells, "; ".join(line["chosen"]), line["cpu"]])) + " |")
    return [*lines, "", *results["skipped"], ""]


if __name__ == "__main__":
    logging.getLogger("splink").setLevel(logging.ERROR)
    sys.exit(main())
