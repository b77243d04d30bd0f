"""Lay the newest audience files out as tables, so that a suite can look at what is at the recipients' door."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from samtykke.activation.destinations import destination
from samtykke.settings import Settings

_OPERATIONS = {"add": "add.csv", "remove": "remove.csv"}


@contextmanager
def exported_tables(settings: Settings) -> Iterator[Path]:
    """Yield a DuckDB file with one table ``exports.<recipient>``; it is removed when the block ends.

    Its columns are ``segment``, ``build_id``, ``operation`` and the platform's own in snake case. It lies in the
    home's private folder for spill files, because a mail tool's file holds addresses in clear.
    """
    file = settings.spill / "leaving.duckdb"
    settings.spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema exports")
            for recipient, header in _headers(settings).items():
                _load(connection, settings.exports, recipient, header)
        yield file
    finally:
        file.unlink(missing_ok=True)


def _headers(settings: Settings) -> dict[str, tuple[str, ...]]:
    with (settings.project / "seeds" / "recipients.csv").open(encoding="utf-8", newline="") as seed:
        return {row["recipient"]: destination(row["export_format"]).header for row in csv.DictReader(seed)}


def _load(connection: duckdb.DuckDBPyConnection, exports: Path, recipient: str, header: tuple[str, ...]) -> None:
    names = [re.sub(r"[^a-z0-9]+", "_", title.lower()) for title in header]
    columns = ", ".join(f'"{name}" varchar' for name in ("segment", "build_id", "operation", *names))
    connection.execute(f'create table exports."{recipient}" ({columns})')
    for build in _newest_builds(exports / recipient):
        for operation, file in _OPERATIONS.items():
            if not (build / file).exists():
                continue
            given = ", ".join(f"'{name}': 'varchar'" for name in names)
            connection.execute(
                f"""
                insert into exports."{recipient}"
                select $1, $2, $3, * from read_csv($4, header = true, delim = ',', quote = '"', columns = {{{given}}},
                    auto_detect = false)
                """,
                [build.parent.name, build.name, operation, str(build / file)],
            )


def _newest_builds(folder: Path) -> Iterator[Path]:
    """The newest build of each segment, by the moment its manifest names."""
    if not folder.is_dir():
        return
    for segment in sorted(path for path in folder.iterdir() if path.is_dir()):
        builds = [build for build in segment.iterdir() if (build / "manifest.json").exists()]
        if builds:
            yield max(
                builds, key=lambda build: (json.loads((build / "manifest.json").read_text())["as_of"], build.name)
            )
