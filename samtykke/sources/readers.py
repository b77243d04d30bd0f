"""Read a delivered file into the temporary tables ``landed`` and ``rejected``, all columns as text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from samtykke.sources.files import Delivery, Incomplete, Refused
from samtykke.sources.mapping import Mapping
from samtykke.sources.plain import MAX_RECORD, Plain, make_plain, open_bytes
from samtykke.sources.separated import Layout, Rejected, count_clean, find_layout, records
from samtykke.sources.shape import Source, literal, quoted

_BATCH = 50_000
# Apache's "combined" format (mod_log_config), with quotes escaped by a backslash.
_COMBINED = (
    r'^(\S+) (\S+) (.+?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)'
    r'(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?\s*$'
)
COMBINED_HEADERS = (
    "host", "identity", "user", "time", "request", "status", "bytes", "referrer", "user_agent",
    "method", "url", "protocol",
)  # fmt: skip


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
            source = _read_combined(connection, delivery, plain)
        elif delivery.suffix == ".jsonl":
            source = _read_json(connection, delivery, mapping, plain)
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
        _reject(connection, [record for record in batch if isinstance(record, Rejected)])
        if good:
            lines = pa.array([line for line, _ in good], pa.int64())
            values = [pa.array(column, pa.string()) for column in zip(*(fields for _, fields in good), strict=True)]
            _insert(connection, "landed", pa.table([lines, *values], schema=schema))


def _reject(connection: duckdb.DuckDBPyConnection, rejected: list[Rejected]) -> None:
    if rejected:
        table = pa.table(
            {
                "line_number": [r.line_number for r in rejected],
                "reason": [r.reason for r in rejected],
                "record": [r.record for r in rejected],
            }
        )
        _insert(connection, "rejected", table)


def _insert(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("batch", table)
    connection.execute(f"insert into {name} select * from batch")
    connection.unregister("batch")


def check_headers(delivery: Delivery, mapping: Mapping, headers: Iterable[str]) -> Source:
    """Compare a file's headers with what the mapping needs.

    Raises:
        Refused: A header is repeated, a needed one is missing, or one is nearly a known one.
    """
    columns: dict[str, str] = {}
    repeated: list[str] = []
    folded: dict[str, str] = {}
    for index, header in enumerate(headers):
        name = header or f"column {index + 1}"
        if name in columns or name.lower() in folded:
            if name not in mapping.file.duplicate_headers:
                repeated.append(name)
            name = f"{name} ({index + 1})"
        folded[name.lower()] = name
        columns[name] = f"c{index}"
    if repeated:
        raise Refused(
            "duplicate_header",
            f"{delivery.relative} has the header {', '.join(repeated)} more than once; rename one.",
        )
    missing = [group for group in mapping.file.requires if not any(header in columns for header in group)]
    if missing:
        wanted = "; ".join(" or ".join(group) for group in missing)
        raise Refused(
            "missing_column",
            f"{delivery.relative} lacks the column {wanted} (found: {', '.join(list(columns)[:40])}); add it or use "
            f"the mapping for these headers.",
        )
    if mapping.mapping == "contract":
        plain = {_fold(name): name for name in mapping.headers}
        near = [f"{h} (meant: {plain[_fold(h)]})" for h in columns if h not in mapping.headers and _fold(h) in plain]
        if near:
            raise Refused(
                "misspelt_header",
                f"{delivery.relative} has the header {', '.join(near)}; write it as the contract does.",
            )
    return Source(columns, mapping.file.nulls)


def _fold(header: str) -> str:
    return "".join(sign for sign in header.lower() if sign.isalnum())


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


def _read_lines(connection: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """Fill ``lines`` (line_number, line) and reject lines that are no text."""
    connection.execute("create or replace temp table lines (line_number bigint, line varchar)")
    if plain.is_valid and not plain.has_nul and not plain.has_blank_lines and _read_lines_fast(connection, plain):
        return
    schema = pa.schema([("line_number", pa.int64()), ("line", pa.string())])
    with open_bytes(plain) as file:
        numbered = enumerate(iter(lambda: file.readline(MAX_RECORD + 1), b""), start=1)
        while batch := list(islice(numbered, _BATCH)):
            good, bad = [], []
            for number, raw in batch:
                try:
                    text = raw.decode("utf-8").rstrip("\r\n")
                except UnicodeDecodeError:
                    bad.append(Rejected(number, "wrong_encoding", raw.decode("utf-8", "backslashreplace")))
                    continue
                if len(raw) > MAX_RECORD or "\0" in text:
                    bad.append(Rejected(number, "record_too_long" if len(raw) > MAX_RECORD else "nul_byte", ""))
                elif text.strip():
                    good.append((number, text))
            _reject(connection, bad)
            columns = list(zip(*good, strict=True)) if good else [(), ()]
            _insert(connection, "lines", pa.table([list(c) for c in columns], schema=schema))


def _read_lines_fast(connection: duckdb.DuckDBPyConnection, plain: Plain) -> bool:
    try:
        connection.execute(f"""
            insert into lines
            select row_number() over (), line
            from read_csv({literal(str(plain.path))}, auto_detect = false, header = false, delim = e'\\x01',
                quote = '', escape = '', columns = {{'line': 'varchar'}}, encoding = 'utf-8')
        """)
    except duckdb.Error:
        connection.execute("delete from lines")
        return False
    (count,) = connection.execute("select count(*) from lines").fetchone() or (0,)
    if count in (plain.newlines, plain.newlines + 1):
        return True
    connection.execute("delete from lines")
    return False


def _read_json(connection: duckdb.DuckDBPyConnection, delivery: Delivery, mapping: Mapping, plain: Plain) -> Source:
    _read_lines(connection, plain)
    is_object = "case when json_valid(line) then json_type(line) = 'OBJECT' else false end"
    bad = f"case when not {is_object} then 'not_a_json_object' when contains(line, '\\u0000') then 'nul_byte' end"
    connection.execute(f"insert into rejected select line_number, {bad}, line from lines where {bad} is not null")
    connection.execute(f"delete from lines where {bad} is not null")
    keys = connection.execute("select distinct unnest(json_keys(line)) as key from lines order by key").fetchall()
    headers = [key for (key,) in keys]
    if not headers:
        raise Refused("no_header", f"{delivery.relative} holds no JSON object; write one object a line.")
    source = check_headers(delivery, mapping, headers)
    paths = ", ".join(literal("/" + header.replace("~", "~0").replace("/", "~1")) for header in headers)
    selected = ", ".join(f"found[{index}] as {column}" for index, column in enumerate(source.headers.values(), start=1))
    connection.execute(f"""
        create or replace temp table landed as
        with extracted as (select line_number, json_extract_string(line, [{paths}]) as found from lines)
        select line_number, {selected} from extracted
    """)
    connection.execute("drop table lines")
    return source


def _read_combined(connection: duckdb.DuckDBPyConnection, delivery: Delivery, plain: Plain) -> Source:
    _read_lines(connection, plain)
    pattern = literal(_COMBINED)
    groups = json.dumps(list(COMBINED_HEADERS[:9])).replace('"', "'")
    connection.execute(f"""
        insert into rejected
        select line_number, 'not_a_log_line', line from lines where not regexp_matches(line, {pattern})
    """)
    (count,) = connection.execute("select count(*) from lines").fetchone() or (0,)
    (bad,) = connection.execute("select count(*) from rejected").fetchone() or (0,)
    if count and bad >= count:
        raise Refused(
            "not_a_log",
            f"{delivery.relative} holds no line in the combined log format; check LogFormat of the server.",
        )
    dashed = ", ".join(f"nullif(parts.{name}, '-') as c{index}" for index, name in enumerate(COMBINED_HEADERS[:9]))
    connection.execute(f"""
        create or replace temp table landed as
        with parsed as (
            select line_number, regexp_extract(line, {pattern}, {groups}) as parts
            from lines where regexp_matches(line, {pattern})
        )
        select line_number, {dashed},
            nullif(split_part(parts.request, ' ', 1), '') as c9,
            nullif(regexp_extract(parts.request, '^\\S+ (.*?)( HTTP/[0-9.]+)?$', 1), '') as c10,
            nullif(regexp_extract(parts.request, ' (HTTP/[0-9.]+)$', 1), '') as c11,
        from parsed
    """)
    connection.execute("drop table lines")
    return Source({name: f"c{index}" for index, name in enumerate(COMBINED_HEADERS)})
