"""The folder ``quarantine/`` of a home: per delivered file the lines that were set aside, for whoever mends the source.

Reason, line and column only: the records themselves are in the vault.
"""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import duckdb

_HEADER = ("line_number", "entity", "reason", "column_name", "rows")


def write_quarantine(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Write ``<folder>/<path of the file>.csv`` for every loaded file with quarantined records, and nothing else.

    Args:
        connection: An open home (``raw.*``).
        folder: The home's ``quarantine/``; it is replaced as a whole.

    Returns:
        How many files have quarantined records.
    """
    rows = connection.execute("""
        select path, line_number, quarantine.entity, quarantine.reason, column_name, rows
        from raw.quarantine
        inner join raw.files as files using (file_id)
        where files.status <> 'replaced'
        order by all
    """).fetchall()
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    by_path: dict[str, list[tuple]] = {}
    for path, *row in rows:
        by_path.setdefault(path, []).append(tuple(row))
    for path, lines in by_path.items():
        target = fresh / f"{path}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(_HEADER)
            writer.writerows(lines)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(fresh, folder)
    return len(by_path)
