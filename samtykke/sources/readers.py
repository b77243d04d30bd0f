"""Read a delivered file into the temporary tables ``landed`` and ``rejected``, all columns as text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from samtykke.sources.files import Delivery, Incomplete, Refused
from samtykke.sources.headers import check_headers
from samtykke.sources.landed import insert, reject
from samtykke.sources.lines import read_combined, read_json
from samtykke.sources.mapping import Mapping
from samtykke.sources.plain import Plain, make_plain
from samtykke.sources.separated import Layout, Rejected, count_clean, find_layout, records
from samtykke.sources.shape import Source, literal, quoted

_BATCH = 50_000


@dataclass(frozen=True)
class Landed:
    """What a reader found.

    Attributes:
        source: The columns of table ``landed``.
        encoding: What the file was written in; None for Parquet.
    """

    source: Source
    encoding: str | None


def read(connection: duckdb.DuckDBPyConnection, delivery: Delivery, mapping: Mapping, spill: Path) -> Landed:
    """Fill ``landed`` (line_number, c0, c1, …) and ``rejected`` (line_number, reason, record).

    Raises:
        Refused: The file as a whole cannot be used.
        Incomplete: It is cut short.
    """
    connection.execute("create or replace temp table rejected (line_number bigint, reason varchar, record varchar)")
    if set("*?[").intersection(str(delivery.path)):
        # DuckDB would take the name for a pattern.
        spill.mkdir(parents=True, exist_ok=True, mode=0o700)
        link = spill / f"delivery{delivery.suffix}{'.gz' if delivery.is_packed else ''}"
        link.unlink(missing_ok=True)
        link.symlink_to(delivery.path)
        try:
            return read(connection, replace(delivery, path=link), mapping, spill)
        finally:
            link.unlink()
    if delivery.suffix == ".parquet":
        return Landed(_read_parquet(connection, delivery, mapping), None)
    if not delivery.suffix:
        kind = "a zip archive" if delivery.path.suffix.lower() == ".zip" else "not a kind of file that is read"
        raise Refused(
            "unknown_kind_of_file",
            f"{delivery.relative} is {kind}; deliver .csv, .jsonl (both also .gz) or .parquet.",
        )
    plain = make_plain(delivery, spill, encoding=mapping.file.encoding)
    try:
        if mapping.file.layout == "combined_log":
            source = read_combined(connection, delivery, plain)
        elif delivery.suffix == ".jsonl":
            source = read_json(connection, delivery, mapping, plain)
        elif delivery.suffix == ".csv":
            source = _read_separated(connection, delivery, mapping, plain)
        else:
            raise Refused(
                "unknown_kind_of_file", f"{delivery.relative}: a log needs a mapping such as apache_combined."
            )
        return Landed(source, plain.encoding)
    finally:
        if plain.is_copy:
            plain.path.unlink(missing_ok=True)


def _read_separated(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, mapping: Mapping, plain: Plain
) -> Source:
    layout = find_layout(plain, delivery.relative, mapping.headers, mapping.file.delimiter)
    source = check_headers(delivery, mapping, layout.headers)
    clean = count_clean(plain, layout)
    if clean is not None and _read_fast(connection, plain, layout, clean):
        return source
    _read_slowly(connection, plain, layout)
    return source


def _read_fast(connection: duckdb.DuckDBPyConnection, plain: Plain, layout: Layout, expected: int) -> bool:
    """Read a clean file with DuckDB; False when DuckDB sees it otherwise than the first pass did."""
    columns = ", ".join(f"'c{index}': 'varchar'" for index in range(len(layout.headers)))
    try:
        connection.execute(f"""
            create or replace temp table landed as
            select row_number() over () + {layout.first_line - 1} as line_number, *
            from read_csv({literal(str(plain.path))}, auto_detect = false, header = false,
                skip = {layout.first_line - 1}, delim = {literal(layout.delimiter)}, quote = '"', escape = '"',
                columns = {{{columns}}}, strict_mode = true, null_padding = false, encoding = 'utf-8')
        """)
    except duckdb.Error:
        return False
    return connection.execute("select count(*) from landed").fetchone() == (expected,)


def _read_slowly(connection: duckdb.DuckDBPyConnection, plain: Plain, layout: Layout) -> None:
    width = len(layout.headers)
    names = ["line_number", *(f"c{index}" for index in range(width))]
    schema = pa.schema([(names[0], pa.int64()), *((name, pa.string()) for name in names[1:])])
    connection.execute(
        f"create or replace temp table landed (line_number bigint, {', '.join(n + ' varchar' for n in names[1:])})"
    )
    found = records(plain, layout)
    while batch := list(islice(found, _BATCH)):
        good = [record for record in batch if not isinstance(record, Rejected)]
        reject(connection, [record for record in batch if isinstance(record, Rejected)])
        if good:
            lines = pa.array([line for line, _ in good], pa.int64())
            values = [pa.array(column, pa.string()) for column in zip(*(fields for _, fields in good), strict=True)]
            insert(connection, "landed", pa.table([lines, *values], schema=schema))


def _read_parquet(connection: duckdb.DuckDBPyConnection, delivery: Delivery, mapping: Mapping) -> Source:
    path = literal(str(delivery.path))
    with delivery.path.open("rb") as file:
        head = file.read(4)
        file.seek(max(0, delivery.path.stat().st_size - 4))
        tail = file.read(4)
    if head == b"PAR1" and tail != b"PAR1":
        raise Incomplete("cut_short", f"{delivery.relative} ends before its end; deliver it again, then run again.")
    try:
        described = connection.execute(f"describe select * from read_parquet({path})").fetchall()
        source = check_headers(delivery, mapping, [row[0] for row in described])
        selected = ", ".join(
            f"{_as_text(quoted(name), kind)} as {column}"
            for (name, kind, *_), column in zip(described, source.headers.values(), strict=True)
        )
        connection.execute(f"""
            create or replace temp table landed as
            select file_row_number + 1 as line_number, {selected}
            from read_parquet({path}, file_row_number = true)
        """)
    except duckdb.Error:
        raise Refused("damaged_parquet", f"{delivery.relative} is not a whole Parquet file; write it again.") from None
    _reject_nul(connection, source)
    return source


def _as_text(column: str, kind: str) -> str:
    if kind == "VARCHAR[]":
        return f"array_to_string({column}, ';')"
    if kind == "BLOB":
        return f"try_cast({column} as varchar)"
    return f"{column}::varchar"


def _reject_nul(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    has_nul = " or ".join(f"contains({column}, chr(0))" for column in source.headers.values())
    if connection.execute(f"select 1 from landed where {has_nul} limit 1").fetchone():
        connection.execute(f"insert into rejected select line_number, 'nul_byte', '' from landed where {has_nul}")
        connection.execute(f"delete from landed where {has_nul}")
