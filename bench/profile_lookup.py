"""Measure lookups of one person while a run publishes, on profiles that were drawn.

    python -m bench.profile_lookup --people 1000000 --folder /somewhere/with/space

Draws the marts of a home (every column of customer_profile as its contract declares it, three identifiers, ten touches
and one merged person_id in a hundred), publishes them, and then looks people up by e-mail address and phone number, as
somebody types them, while another process publishes the same home again and again. Each lookup is checked against what
was drawn. Results: bench/results/profile-<people>.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import yaml

from samtykke.keys import register_key_macro
from samtykke.profile import Profiles, read_timeline
from samtykke.profile_store import write_store
from samtykke.profile_withheld import Withheld, write_withheld
from samtykke.publish import publish_marts
from samtykke.settings import Settings, load_settings
from samtykke.storage.connect import configure, quoted

BENCH = Path(__file__).resolve().parent
PROJECT = BENCH.parent
AS_OF = datetime(2026, 6, 30)
LOOKUPS = 20_000
TIMELINES = 20
# What a value of each type looks like; a group that is masked for three people in ten has nothing but its reason.
_DRAWN = {
    "varchar": "'value ' || (hash(n, {salt}) % 50)",
    "varchar[]": "list_transform(range((hash(n, {salt}) % 5)::bigint), lambda i: 'value ' || i)",
    "bigint": "(hash(n, {salt}) % 1000)::bigint",
    "integer": "(1940 + hash(n, {salt}) % 70)::integer",
    "boolean": "hash(n, {salt}) % 2 = 0",
    "double": "(hash(n, {salt}) % 10000) / 10000",
    "decimal": "((hash(n, {salt}) % 100000) / 100)::{kind}",
    "timestamp": "timestamp '2026-06-30' - to_seconds((hash(n, {salt}) % 100000000)::bigint)",
}
_PERSON = "('00000000-0000-7000-8000-' || printf('%012x', {}))::uuid"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, required=True, help="Of the home that is drawn; emptied after.")
    arguments.add_argument("--publish-until-killed", action="store_true", help="The part that runs beside; for itself.")
    asked = arguments.parse_args()
    settings = load_settings(home=asked.folder, project=PROJECT)
    if asked.publish_until_killed:
        _publish_until_killed(settings)
    shutil.rmtree(asked.folder, ignore_errors=True)
    settings.published.mkdir(parents=True)
    _draw(settings, asked.people)
    results = {
        "people": asked.people,
        "store": _store(settings),
        "publication": _publication(settings),
        "lookups_at_rest": _lookups(settings, asked.people),
        "lookups_while_publishing": _beside(settings, asked.people),
        "timeline_of_one_person": _timelines(settings, asked.people),
        "lookups_while_a_tenth_is_withheld": _withheld(settings, asked.people),
    }
    text = json.dumps(results, indent=2)
    (BENCH / "results" / f"profile-{asked.people}.json").write_text(text + "\n")
    shutil.rmtree(asked.folder)
    print(text)


def _draw(settings: Settings, people: int) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        configure(connection, settings)
        register_key_macro(connection, settings.pepper_bytes)
        connection.execute(f"""
            create schema marts; create schema intermediate;
            create table marts.customer_profile as select {", ".join(_columns())} from range({people}) as drawn (n);
            create table marts.person_identifiers as
            select {_PERSON.format("n")} as person_id, kind as identifier_kind,
                identifier_key(kind, value) as identifier_key, false as is_blocked, false as is_shared
            from range({people}) as drawn (n),
                (values ('email', 'p'), ('phone', '+'), ('crm_id', 'c')) as kinds (kind, stem),
                lateral (
                    select case kind
                        when 'email' then stem || n || '@bench.example'
                        when 'phone' then stem || (31610000000 + n) else stem || n
                    end as value
                );
            create table marts.person_timeline as
            select {_PERSON.format(f"hash(n) % {people}")} as person_id,
                timestamp '2026-06-30' - to_seconds((hash(n, 1) % 100000000)::bigint) as occurred_at,
                'email_sent' as kind, 'push' as direction, 'email' as channel, 'email' as source,
                md5(n::varchar) as reference, 'spring 4' as detail, 'service' as purpose
            from range({people} * 10) as drawn (n);
            create table intermediate.int_identity__person_aliases as
            select {_PERSON.format(f"n + {people}")} as person_id, {_PERSON.format("n")} as current_person_id
            from range({people} // 100) as drawn (n);
        """)


def _columns() -> Iterator[str]:
    """Every column of the mart's contract, masked by group."""
    (model,) = yaml.safe_load((PROJECT / "models/marts/people/_customer_profile__models.yml").read_text())["models"]
    group = ""
    for salt, column in enumerate(model["columns"]):
        name, kind = column["name"], column["data_type"]
        is_masked = f"hash(n, '{group}') % 10 < 3"
        if name == "person_id":
            yield f"{_PERSON.format('n')} as person_id"
        elif name.endswith("_masked_reason"):
            group = name
            yield f"if(hash(n, '{group}') % 10 < 3, 'analytics.behaviour: no_signal', null) as {name}"
        else:
            drawn = _DRAWN["decimal" if kind.startswith("decimal") else kind].format(salt=salt, kind=kind)
            yield f"if({is_masked}, null, {drawn}) as {name}" if group else f"{drawn} as {name}"


def _store(settings: Settings) -> dict[str, float]:
    """What the store alone adds to a publication."""
    file = settings.home / "store.sqlite"
    with duckdb.connect() as connection:
        configure(connection, settings)
        connection.execute(f"attach '{quoted(settings.warehouse)}' as warehouse (read_only); use warehouse")
        before = _cpu()
        write_store(connection, file, as_of=str(AS_OF))
        cpu = _cpu() - before
    size = file.stat().st_size
    file.unlink()
    return {"cpu_seconds": round(cpu, 1), "megabytes": round(size / 1e6)}


def _publication(settings: Settings) -> dict[str, float]:
    before, started = _cpu(), time.perf_counter()
    publish_marts(settings, as_of=AS_OF)
    return {"cpu_seconds": round(_cpu() - before, 1), "wall_seconds": round(time.perf_counter() - started, 1)}


def _publish_until_killed(settings: Settings) -> None:
    moment = AS_OF
    while True:
        moment += timedelta(days=1)
        publish_marts(settings, as_of=moment)


def _beside(settings: Settings, people: int) -> dict[str, float]:
    """Lookups until another process has published twice, and as many as were asked for at least."""
    command = [sys.executable, "-m", "bench.profile_lookup", "--publish-until-killed", "--folder", str(settings.home)]
    publisher = subprocess.Popen(command, cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)})
    try:
        return _lookups(settings, people, publications=2)
    finally:
        publisher.kill()
        publisher.wait()


def _withheld(settings: Settings, people: int) -> dict[str, float]:
    """Lookups after the fast lane has closed a use of every tenth person."""
    said = (
        Withheld(str(UUID(int=(0x7000_8000 << 48) + number)), {"analytics.behaviour": "withdrawn"}, {})
        for number in range(0, people, 10)
    )
    write_withheld(settings, said, as_of=AS_OF + timedelta(hours=9))
    return _lookups(settings, people)


def _lookups(settings: Settings, people: int, *, publications: int = 0) -> dict[str, float]:
    draw, seconds, cpu, seen = random.Random(4), [], [], []
    with Profiles(settings) as profiles:
        profiles.lookup("p0@bench.example")  # the first one loads the rules of e-mail addresses and phone numbers
        profiles.lookup("+31610000000")
        while len(seconds) < LOOKUPS or len(seen) <= publications:
            number = draw.randrange(people)
            typed = f"P{number}@Bench.example" if draw.random() < 0.5 else f"+{31_610_000_000 + number}"
            started, worked = time.perf_counter(), time.thread_time()
            (found,) = profiles.lookup(typed).profiles
            seconds.append(time.perf_counter() - started)
            cpu.append(time.thread_time() - worked)
            assert UUID(found.person_id).int & 0xFFFF_FFFF_FFFF == number
            if found.as_of not in seen:
                seen.append(found.as_of)
    seconds.sort()
    cpu.sort()
    of = len(seconds)
    milliseconds = {
        name: round(1000 * seconds[min(int(of * share), of - 1)], 3)
        for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99), ("p99.9_ms", 0.999), ("slowest_ms", 1))
    }
    return {
        "lookups": of,
        "publications_seen": len(seen) - 1,
        **milliseconds,
        "p99_cpu_ms": round(1000 * cpu[int(of * 0.99)], 3),
    }


def _timelines(settings: Settings, people: int) -> dict[str, float]:
    seconds = []
    with Profiles(settings) as profiles:
        asked = [str(UUID(int=(0x7000_8000 << 48) + number * people // TIMELINES)) for number in range(TIMELINES)]
        found = [profile for person in asked for profile in profiles.by_key(person)]
    for profile in found:
        started = time.perf_counter()
        touches = read_timeline(settings, profile)
        seconds.append(time.perf_counter() - started)
        assert all(touch.kind == "email_sent" for touch in touches)
    seconds.sort()
    return {"p50_ms": round(1000 * seconds[TIMELINES // 2], 1), "slowest_ms": round(1000 * seconds[-1], 1)}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
