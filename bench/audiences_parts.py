"""The parts that bench/audiences.py measures, each run as a process of its own on one home."""

from __future__ import annotations

import csv
import json
import os
import resource
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


def _drawn_next(_folder: Path, people: int) -> dict:
    from samtykke.settings import load_settings
    from samtykke.storage.connect import open_home

    with open_home(load_settings(), vault=True) as connection:
        connection.execute(_script("audiences_next_day.sql", people=people, as_of=NEXT, seed=1))
        names = ("people_with_other_consent", "consent_events", "members_left", "members_joined")
        counts = connection.execute("""
            select
                (select count(distinct p) from told), (select count(*) from told), (select count(*) from leavers),
                (select count(*) from joiners)
        """).fetchone()
    return dict(zip(names, counts, strict=True))


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
    from samtykke.activation import gate
    from samtykke.settings import load_settings
    from samtykke.storage.connect import open_home

    with open_home(load_settings(), read_only=True) as connection:
        as_of = gate.built_for(connection)
    told = {}
    for hour, name in enumerate(("after_a_change_of_the_project", "next_file", "nothing_new"), 1):
        if name != "nothing_new":
            _withdraw(folder / "home" / "landing" / "consent_events" / f"{name}.csv", people, as_of, shift=hour)
        command = [sys.executable, "-m", "samtykke", "withdrawals", "--json"]
        command += ["--as-of", f"{(as_of + timedelta(hours=hour)).isoformat()}Z"]
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


def _withdraw(file: Path, people: int, as_of: datetime, *, shift: int) -> None:
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
                ("web_form", f"{file.stem}{number}", "email", who, *scope, "withdrawn", f"{as_of.isoformat()}Z")
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


PARTS = {
    "seeds": _seeds,
    "drawn": _drawn,
    "versions": _versions,
    "labels": _labels,
    "consent": _consent,
    "models": _models,
    "export": _export,
    "reference": _reference,
    "drawn_next": _drawn_next,
    "consent_next": _consent_next,
    "models_next": _models_next,
    "export_next": _export_next,
    "fast_lane": _fast_lane,
}
