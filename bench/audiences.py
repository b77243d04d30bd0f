"""Measure audiences and the fast lane on people that never were, against a hand-written script.

    python bench/audiences.py --people 1000000 --folder /somewhere/with/space

Draws a home (audiences_generate.sql): ten segments, five recipients, consent. Builds its consent once with real dbt,
then measures what follows: the activation models and the export to files, all at once and again after a day
(audiences_next_day.sql: one person in a thousand changes their consent, one membership in a hundred changes), and
``samtykke withdrawals`` on a file of 1,000 withdrawals. audiences_reference.sql writes the same first files by hand;
their rows must be equal, or nothing is reported. Each part is a process of its own (audiences_parts.py). Results:
bench/results/audiences-<people>.json, and the same to read in .md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from audiences_parts import BENCH, PARTS, PROJECT
from audiences_report import report


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, required=True, help="Emptied before and after.")
    arguments.add_argument("--one-day", action="store_true", help="Without the next day.")
    arguments.add_argument("--keep", action="store_true", help="Leave what was drawn.")
    arguments.add_argument("--part", help="One part; for itself.")
    asked = arguments.parse_args()
    if asked.part:
        print(json.dumps(PARTS[asked.part](asked.folder, asked.people)))
        return
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    _copy_project(asked.folder / "project")
    loads = [os.getloadavg()[0]]
    results: dict[str, object] = {"people": asked.people, "threads": 2}
    for part in [name for name in PARTS if not (asked.one_day and name.endswith("_next"))]:
        results[part] = _part(part, asked)
        loads.append(os.getloadavg()[0])
        print(part, json.dumps(results[part]), file=sys.stderr, flush=True)
        if part == "reference":
            results["rows"] = _assert_equal(asked.folder)
    results["load"] = [round(min(loads), 1), round(max(loads), 1)]
    first = results["models"]["cpu"] + results["export"]["cpu"]
    ratios = {
        "models and export / reference": first / results["reference"]["cpu"],
        "models / reference": results["models"]["cpu"] / results["reference"]["cpu"],
        "export alone / reference": results["export"]["cpu"] / results["reference"]["cpu"],
        "export, CPU seconds per 100,000 rows that left": results["export"]["cpu"] / results["rows"] * 1e5,
    }
    if not asked.one_day:
        following = results["models_next"]["cpu"] + results["export_next"]["cpu"]
        ratios["models and export of the next day / of the first"] = following / first
        ratios["models of the next day / of the first"] = results["models_next"]["cpu"] / results["models"]["cpu"]
        ratios["export of the next day / of the first"] = results["export_next"]["cpu"] / results["export"]["cpu"]
    results["ratios"] = {name: round(value, 3) for name, value in ratios.items()}
    text = json.dumps(results, indent=2)
    place = BENCH / "results" / f"audiences-{asked.people}.json"
    place.write_text(text + "\n")
    place.with_suffix(".md").write_text(report(results))
    if not asked.keep:
        shutil.rmtree(asked.folder)
    print(text)


def _copy_project(place: Path) -> None:
    """The project with a tenth segment and five recipients of one purpose."""
    for folder in ("models", "macros", "seeds", "mappings", "tests/dbt"):
        shutil.copytree(PROJECT / folder, place / folder)
    for file in PROJECT.glob("*.yml"):
        shutil.copy(file, place)
    segments = place / "models" / "segments"
    shutil.copy(segments / "bought_jeans.sql", segments / "tenth.sql")
    config = place / "dbt_project.yml"
    config.write_text(config.read_text().replace("    - repeat_buyers\n", "    - repeat_buyers\n    - tenth\n"))
    seed = place / "seeds" / "recipients.csv"
    with seed.open(newline="") as source:
        rows = [row for row in csv.DictReader(source) if row["recipient"] in ("meta", "google")]
    for name, kinds in (("tiktok", "email;phone"), ("snapchat", "email;phone"), ("microsoft", "email")):
        rows.append({**rows[0], "recipient": name, "title": name, "permission_recipient": name, "export_format": name,
                     "identifier_kinds": kinds, "signal_purposes": "", "ttl_days": ""})  # fmt: skip
    with seed.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _part(part: str, asked: argparse.Namespace) -> dict:
    command = [sys.executable, __file__, "--part", part, "--folder", str(asked.folder), "--people", str(asked.people)]
    done = subprocess.run(command, env=_environment(asked.folder), cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{part} failed: {done.stdout[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(PROJECT),
        "SAMTYKKE_HOME": str(folder / "home"),
        "SAMTYKKE_PROJECT": str(folder / "project"),
        "SAMTYKKE_SETTLE_SECONDS": "0",
        "SAMTYKKE_MAX_REMOVAL_SHARE": "1",
    }


def _assert_equal(folder: Path) -> int:
    """Compare every first file with the script's, row for row; return how many rows there are."""
    rows = 0
    for file in sorted((folder / "reference").glob("*.csv")):
        recipient, segment, _ = re.split(r"\.", file.name)
        (mine,) = (folder / "home" / "exports" / recipient / segment).glob("*/add.csv")
        (header, *wanted), (own_header, *own) = file.read_text().splitlines(), mine.read_text().splitlines()
        blank = str.maketrans("", "", '"')
        if header.translate(blank) != own_header.translate(blank):
            raise SystemExit(f"{file.name}: headers differ: {header} and {own_header}")
        if sorted(line.translate(blank) for line in wanted) != sorted(line.translate(blank) for line in own):
            raise SystemExit(f"{file.name} and the export differ: nothing was measured")
        rows += len(own)
    return rows


if __name__ == "__main__":
    main()
