"""Measure audiences and the fast lane on people that never were, against a hand-written script.

    python bench/audiences.py --people 1000000 --folder /somewhere/with/space

Draws a home (audiences_generate.sql): ten segments, five recipients, consent. Builds its consent once with real dbt,
then measures what follows: the activation models and the export to files, all at once and again after a day, and
``samtykke withdrawals`` on a file of 1,000 withdrawals. audiences_reference.sql writes the same first files by hand;
their rows must be equal, or nothing is reported. Each part is a process of its own. Results:
bench/results/audiences-<people>.json.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

BENCH = Path(__file__).resolve().parent
PROJECT = BENCH.parent
AS_OF = datetime(2026, 6, 30)
NEXT = AS_OF + timedelta(days=1)
WITHDRAWALS = 1_000
COLUMNS = {
    "meta": "email, phone, country",
    "google": "email as Email, phone as Phone, '' as \"First Name\", '' as \"Last Name\", '' as Country, '' as Zip",
    "tiktok": "email as EMAIL_SHA256, phone as PHONE_SHA256",
    "snapchat": "email as EMAIL_SHA256, phone as PHONE_SHA256",
    "microsoft": "email as Email",
}
CONSENT = "path:models/staging/consent stg_landing__identifiers path:models/intermediate/consent"
ACTIVATION = "path:models/activation,+export_gate audience_members stg_ads__platform_reports"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, required=True, help="Emptied before and after.")
    arguments.add_argument("--one-day", action="store_true", help="Without the next day.")
    arguments.add_argument("--keep", action="store_true", help="Leave what was drawn.")
    arguments.add_argument("--part", help="One part; for itself.")
    asked = arguments.parse_args()
    if asked.part:
        print(json.dumps(_PARTS[asked.part](asked.folder, asked.people)))
        return
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    _copy_project(asked.folder / "project")
    results: dict[str, object] = {"people": asked.people, "threads": 2}
    for part in [name for name in _PARTS if not (asked.one_day and name.endswith("_next"))]:
        results[part] = _part(part, asked)
        print(part, json.dumps(results[part]), file=sys.stderr, flush=True)
        if part == "reference":
            results["rows"] = _assert_equal(asked.folder)
    first = results["models"]["cpu"] + results["export"]["cpu"]
    ratios = {
        "models and export / reference": first / results["reference"]["cpu"],
        "export alone / reference": results["export"]["cpu"] / results["reference"]["cpu"],
        "export, CPU seconds per 100,000 rows that left": results["export"]["cpu"] / results["rows"] * 1e5,
    }
    if not asked.one_day:
        following = results["models_next"]["cpu"] + results["export_next"]["cpu"]
        ratios["models and export of the next day / of the first"] = following / first
    results["ratios"] = {name: round(value, 3) for name, value in ratios.items()}
    text = json.dumps(results, indent=2)
    (BENCH / "results" / f"audiences-{asked.people}.json").write_text(text + "\n")
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


def _script(name: str, **values: object) -> str:
    text = (BENCH / name).read_text()
    for key, value in values.items():
        text = text.replace(f":{key}", str(value))
    return text


def _seeds(folder: Path, _people: int) -> dict:
    from samtykke.settings import load_settings
    from samtykke.storage.connect import prepare_home

    prepare_home(load_settings())
    return _dbt(folder, "seed", AS_OF)


def _drawn(folder: Path, people: int) -> dict:
    from samtykke.settings import load_settings
    from samtykke.storage.connect import open_home

    settings = load_settings()
    segments = sorted(path.stem for path in (folder / "project" / "models" / "segments").glob("*.sql"))
    with open_home(settings, vault=True) as connection:
        connection.executemany(
            "insert into lineage.segment_properties by name select $1 as segment, $1 as title, 'bench' as owner,"
            " 'bench' as why, 0 as priority, 0 as holdout_share, $1 as holdout_salt, false as hold_below_floor,"
            " false as is_compiled",
            [[segment] for segment in segments],
        )
        connection.execute("""
            insert into lineage.segment_destinations
            select segment, recipient from lineage.segment_properties cross join reference.recipients
        """)
        connection.execute(_script("audiences_generate.sql", people=people, as_of=AS_OF, seed=1))
        events, members = connection.execute(
            "select (select count(*) from ledger.consent_events), (select count(*) from marts.segment_members)"
        ).fetchone()
    return {"events": events, "segment_members": members}


def _versions(folder: Path, _people: int) -> dict:
    return _dbt(folder, "run --select segment_versions", AS_OF)


def _labels(_folder: Path, _people: int) -> dict:
    from samtykke.settings import load_settings
    from samtykke.storage.connect import open_home

    with open_home(load_settings()) as connection:
        # seven segments of orders, two of behaviour, one of interests
        connection.execute("""
            insert into lineage.segment_purposes by name
            select segment, ['service', 'service', 'service', 'service', 'service', 'service', 'service',
                'analytics.behaviour', 'analytics.behaviour', 'enrichment.interests'][number] as purpose,
                'customer_profile.person_id' as column_name, timestamp '2026-01-01' as computed_at, sql_checksum,
            from (select *, row_number() over (order by segment) as number from activation.segment_versions)
        """)
    return {}


def _consent(folder: Path, _people: int) -> dict:
    return _dbt(folder, f"run --exclude int_consent__door_permissions --select {CONSENT}", AS_OF)


def _models(folder: Path, _people: int) -> dict:
    return _dbt(folder, f"run --select {ACTIVATION}", AS_OF)


def _consent_next(folder: Path, _people: int) -> dict:
    return _dbt(folder, f"run --exclude int_consent__door_permissions --select {CONSENT}", NEXT)


def _models_next(folder: Path, _people: int) -> dict:
    return _dbt(folder, f"run --select {ACTIVATION}", NEXT)


def _export(_folder: Path, _people: int) -> dict:
    return _exported(AS_OF)


def _export_next(_folder: Path, _people: int) -> dict:
    return _exported(NEXT)


def _exported(as_of: datetime) -> dict:
    from samtykke.activation.export import export_all
    from samtykke.settings import load_settings

    settings = load_settings()
    before, started = time.process_time(), time.perf_counter()
    results = export_all(settings, as_of=as_of)
    return {
        "added": sum(result.added for result in results),
        "removed": sum(result.removed for result in results),
        "unchanged": sum(result.unchanged for result in results),
        "cpu": round(time.process_time() - before, 2),
        "wall": round(time.perf_counter() - started, 2),
        "peak_mb": _peak(),
    }


def _reference(folder: Path, _people: int) -> dict:
    from samtykke.settings import load_settings
    from samtykke.storage.connect import open_home

    place = folder / "reference"
    place.mkdir()
    with open_home(load_settings(), read_only=True, vault=True) as connection:
        pairs = connection.execute("select recipient, segment from reference.audiences").fetchall()
        before, started = time.process_time(), time.perf_counter()
        connection.execute(_script("audiences_reference.sql"))
        for recipient, segment in pairs:
            columns = COLUMNS[recipient]
            connection.execute(f"""
                copy (
                    select {columns} from hashed inner join usable using (person_id)
                    where hashed.recipient = '{recipient}' and usable.segment = '{segment}' order by all
                ) to '{place / f"{recipient}.{segment}.csv"}' (header, delimiter ',')
            """)
    return {
        "cpu": round(time.process_time() - before, 2),
        "wall": round(time.perf_counter() - started, 2),
        "peak_mb": _peak(),
    }


def _fast_lane(folder: Path, people: int) -> dict:
    """From a file put into the drop folder to the end of the command, the process's start included."""
    told = {}
    for hour, name in enumerate(("after_a_change_of_the_project", "next_file", "nothing_new"), 1):
        if name != "nothing_new":
            _withdraw(folder / "home" / "landing" / "consent_events" / f"{name}.csv", people, shift=hour)
        command = [sys.executable, "-m", "samtykke", "withdrawals", "--json"]
        command += ["--as-of", f"{(AS_OF + timedelta(hours=hour)).isoformat()}Z"]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        outcome = json.loads(done.stdout)
        if done.returncode or bool(outcome["rows_removed"]) == (name == "nothing_new"):
            raise SystemExit(f"the fast lane did not do what it should: {done.stdout[-1000:]}")
        told[name] = {
            "wall": round(time.perf_counter() - started, 2),
            "cpu": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
            **{key: outcome[key] for key in ("events_appended", "people_looked_at", "rows_removed", "seconds")},
        }
    return told


def _withdraw(file: Path, people: int, *, shift: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    names = (
        "source",
        "source_event_id",
        "identifier_kind",
        "identifier",
        "purpose",
        "channel",
        "action",
        "occurred_at",
    )
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        for number in range(WITHDRAWALS):
            scope = ("any", "any") if number % 2 else ("advertising.audience", "ads_audience")
            who = f"person.{number * (people // WITHDRAWALS) + shift}@example.com"
            writer.writerow(
                ("web_form", f"{file.stem}{number}", "email", who, *scope, "withdrawn", f"{AS_OF.isoformat()}Z")
            )


def _dbt(folder: Path, command: str, as_of: datetime) -> dict:
    """Run dbt in this process: parse first, then measure the run."""
    from dbt.cli.main import dbtRunner

    os.environ |= {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "target")}
    place = str(folder / "project")
    project = ["--profiles-dir", place, "--project-dir", place, "--quiet", "--vars", f"{{as_of: '{as_of}'}}"]
    manifest = dbtRunner().invoke(["parse", *project]).result
    before, started = time.process_time(), time.perf_counter()
    done = dbtRunner(manifest=manifest).invoke([*command.split(), *project])
    if not done.success:
        failed = [
            f"{one.node.name}: {one.message}" for one in getattr(done.result, "results", []) if one.status != "success"
        ]
        raise SystemExit(f"dbt {command} failed: {done.exception} {failed}")
    return {
        "cpu": round(time.process_time() - before, 2),
        "wall": round(time.perf_counter() - started, 2),
        "peak_mb": _peak(),
    }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


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


_PARTS = {
    "seeds": _seeds,
    "drawn": _drawn,
    "versions": _versions,
    "labels": _labels,
    "consent": _consent,
    "models": _models,
    "export": _export,
    "reference": _reference,
    "fast_lane": _fast_lane,
    "consent_next": _consent_next,
    "models_next": _models_next,
    "export_next": _export_next,
}

if __name__ == "__main__":
    main()
