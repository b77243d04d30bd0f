"""Write a drop folder of invented people. Everything derives from hashes of (row, salt, seed) inside DuckDB.

The same ``people``, ``seed`` and ``as_of`` give the same bytes (for the pinned DuckDB version), at 3,000 people as at a
million; no Python loop touches a row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from samtykke.sample.oddities import write_oddities

MANIFEST = "SAMPLE.json"
BUNDLED_AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
_BENCH_FROM = 50_000
_MEMORY = "2GB"
_VOCABULARY = ("names", "places", "posts", "bios", "dialogues", "products", "notices")


class Scale(StrEnum):
    """How many rows per person, and in which formats."""

    SAMPLE = "sample"
    """Small enough to be committed; one file per entity, in every format that the contract knows."""
    BENCH = "bench"
    """20 page views, 5 e-mail events, 4 consent events, 1.8 orders a person; Parquet, clicks and mails by day."""


@dataclass(frozen=True)
class GeneratedFile:
    """One file of the drop folder."""

    path: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class _Size:
    visits_per_person: float
    posts: int
    web_days: int = 90


@dataclass(frozen=True)
class _Output:
    folder: str
    sample: str
    bench: str
    by_day: bool = False


_SIZES = {Scale.SAMPLE: _Size(visits_per_person=1.1, posts=2), Scale.BENCH: _Size(visits_per_person=2.2, posts=6)}

_OUTPUTS = (
    _Output("contacts", "crm.csv", "crm.parquet"),
    _Output("contacts@hubspot", "hubspot.csv", "hubspot.csv"),
    _Output("contacts@mailchimp", "subscribed_members_export.csv", "subscribed_members_export.csv"),
    _Output("contacts@shopify_customer", "customers_export.csv", "customers_export.csv"),
    _Output("notices", "notices.csv", "notices.csv"),
    _Output("consent_events", "events.jsonl.gz", "events.parquet"),
    _Output("declared_interests", "preferences.csv", "preferences.csv.gz"),
    _Output("suppressions", "lists.csv", "lists.csv.gz"),
    _Output("social_profiles", "profiles.jsonl", "profiles.parquet"),
    _Output("social_posts", "posts.jsonl.gz", "posts.parquet"),
    _Output("social_edges", "edges.csv.gz", "edges.parquet"),
    _Output("page_views", "views.parquet", "{day}.parquet", by_day=True),
    _Output("email_events", "events.csv.gz", "{day}.parquet", by_day=True),
    _Output("products", "products.csv", "products.csv"),
    _Output("orders", "orders.csv.gz", "orders.parquet"),
    _Output("order_lines", "lines.csv.gz", "lines.parquet"),
    _Output("orders@shopify_order", "orders_export.csv", "orders_export.csv"),
    _Output("conversations", "conversations.jsonl", "conversations.parquet"),
    _Output("messages", "messages.jsonl.gz", "messages.parquet"),
    _Output("shares", "shares.csv", "shares.parquet"),
    _Output("platform_reports", "reports.csv", "reports.csv"),
)

_FORMATS = {
    ".csv": "format csv, header",
    ".csv.gz": "format csv, header, compression gzip",
    ".parquet": "format parquet, compression zstd",
    ".jsonl": "format json",
    ".jsonl.gz": "format json, compression gzip",
}


def generate(
    out: Path, *, people: int, seed: int, as_of: datetime = BUNDLED_AS_OF, scale: Scale | None = None
) -> list[GeneratedFile]:
    """Write a drop folder (``<entity>[@mapping]/<file>``) and its ``SAMPLE.json``; an earlier sample goes.

    Args:
        out: Folder to write. It must not exist, be empty, or hold an earlier sample.
        people: Number of invented people; at least 100.
        seed: Any whole number; another seed gives other people.
        as_of: The moment the sample is taken, UTC where it has no zone: nothing happens later.
        scale: Rows per person and formats; without it ``bench`` from 50,000 people on.

    Returns:
        The files written, in order of their paths.

    Raises:
        ValueError: Too few people, or ``out`` holds something that is not a sample.
    """
    if people < 100:
        raise ValueError("a sample needs at least 100 people")
    moment = (as_of.astimezone(UTC) if as_of.tzinfo else as_of).replace(tzinfo=None, microsecond=0)
    scale = scale or (Scale.BENCH if people >= _BENCH_FROM else Scale.SAMPLE)
    _clear(out)
    # A database file keeps the tables compressed and lets memory go: a million people then fit in 3 GB.
    with (
        TemporaryDirectory(dir=out, prefix=".work-") as work,
        duckdb.connect(str(Path(work) / "sample.duckdb")) as connection,
    ):
        _settings(connection, Path(work))
        _tables(connection, people=people, seed=seed, as_of=moment, size=_SIZES[scale])
        files = [_written(out, path, rows) for path, rows in _write_all(connection, out, scale, moment, _SIZES[scale])]
    files += [_written(out, path, rows) for path, rows in write_oddities(out, moment)]
    files.sort(key=lambda file: file.path)
    manifest = {"people": people, "seed": seed, "as_of": moment.isoformat() + "Z", "files": [asdict(f) for f in files]}
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return files


def _clear(out: Path) -> None:
    if out.exists():
        if any(out.iterdir()) and not (out / MANIFEST).exists():
            raise ValueError(f"{out} holds something that is not a sample; name an empty folder")
        for entry in json.loads((out / MANIFEST).read_text())["files"] if (out / MANIFEST).exists() else ():
            (out / entry["path"]).unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)


def _settings(connection: duckdb.DuckDBPyConnection, work: Path) -> None:
    # One thread: joins and Parquet row groups then come in the same order on every machine.
    connection.execute("set threads = 1")
    connection.execute(f"set memory_limit = '{_MEMORY}'")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set temp_directory = '{}'".format(str(work / "spill").replace("'", "''")))


def _tables(connection: duckdb.DuckDBPyConnection, *, people: int, seed: int, as_of: datetime, size: _Size) -> None:
    """Run the numbered SQL scripts: random macros, people, consent, shares, orders, mail, web, social, service."""
    package = resources.files("samtykke.sample")
    for name in _VOCABULARY:
        with resources.as_file(package / "vocabulary" / f"{name}.csv") as file:
            connection.execute(
                f"create table vocabulary_{name} as select * from read_csv($1, header = true, all_varchar = true)",
                [str(file)],
            )
    connection.execute("alter table vocabulary_products alter price type decimal(12, 2)")
    values = {
        "people": people,
        "seed": int(seed),
        "as_of": as_of.isoformat(sep=" "),
        "visits": int(people * size.visits_per_person),
        "web_days": size.web_days,
        "posts": size.posts,
    }
    scripts = [item for item in (package / "sql").iterdir() if item.name.endswith(".sql")]
    for script in sorted(scripts, key=lambda item: item.name):
        connection.execute(script.read_text(encoding="utf-8").format(**values))


def _write_all(
    connection: duckdb.DuckDBPyConnection, out: Path, scale: Scale, as_of: datetime, size: _Size
) -> Iterator[tuple[str, int]]:
    queries = resources.files("samtykke.sample") / "sql" / "files"
    for output in _OUTPUTS:
        query = (queries / f"{output.folder}.sql").read_text(encoding="utf-8")
        (out / output.folder).mkdir(exist_ok=True)
        by_day = output.by_day and scale is Scale.BENCH
        for first, last in _days(as_of, size.web_days) if by_day else [(date.min, date.max)]:
            name = output.sample if scale is Scale.SAMPLE else output.bench.format(day=first)
            path = f"{output.folder}/{name}"
            span = query.replace("$from_day", f"date '{first}'").replace("$to_day", f"date '{last}'")
            rows = _copy(connection, span, out / path)
            if rows or not by_day:
                yield path, rows
            else:
                (out / path).unlink()


def _days(as_of: datetime, days: int) -> Iterator[tuple[date, date]]:
    """Yield half-open days up to and including the one that holds ``as_of``."""
    today = as_of.date()
    for back in range(days + 1, -1, -1):
        yield today - timedelta(days=back), today - timedelta(days=back - 1)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    options = _FORMATS["".join(target.suffixes[-2:] if target.name.endswith(".gz") else target.suffixes[-1:])]
    escaped = str(target).replace("'", "''")
    (rows,) = connection.execute(f"copy ({query}) to '{escaped}' ({options})").fetchone()
    return rows


def _written(out: Path, path: str, rows: int) -> GeneratedFile:
    with (out / path).open("rb") as file:
        return GeneratedFile(path, rows, hashlib.file_digest(file, "sha256").hexdigest())
