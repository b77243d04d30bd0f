"""Files of one record a line: JSON lines and web server logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

import duckdb
import pyarrow as pa

from samtykke.sources.files import Delivery, Refused
from samtykke.sources.headers import check_headers
from samtykke.sources.landed import insert, reject
from samtykke.sources.mapping import Mapping
from samtykke.sources.plain import Plain, open_bytes
from samtykke.sources.separated import Line, Lines, Rejected
from samtykke.sources.shape import Source, literal

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


def _read_lines(connection: duckdb.DuckDBPyConnection, plain: Plain) -> None:
    """Fill ``lines`` (line_number, line) and reject lines that are no text."""
    connection.execute("create or replace temp table lines (line_number bigint, line varchar)")
    if plain.is_valid and not plain.has_nul and not plain.has_blank_lines and _read_lines_fast(connection, plain):
        return
    schema = pa.schema([("line_number", pa.int64()), ("line", pa.string())])
    found = _physical_lines(plain)
    while batch := list(islice(found, _BATCH)):
        reject(connection, [line for line in batch if isinstance(line, Rejected)])
        good = [(line.number, line.text) for line in batch if isinstance(line, Line)]
        columns = list(zip(*good, strict=True)) if good else [(), ()]
        insert(connection, "lines", pa.table([list(column) for column in columns], schema=schema))


def _physical_lines(plain: Plain) -> Iterator[Line | Rejected]:
    lines = Lines(open_bytes(plain))
    with lines.file:
        while (line := lines.take()) is not None:
            if isinstance(line, Rejected):
                yield line
            elif "\0" in line.text:
                yield Rejected(line.number, "nul_byte", line.text.rstrip("\r\n"))
            elif line.text.strip():
                yield Line(line.number, line.text.rstrip("\r\n"))


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


def read_json(connection: duckdb.DuckDBPyConnection, delivery: Delivery, mapping: Mapping, plain: Plain) -> Source:
    """Fill ``landed`` from JSON lines: one object a line, its keys are the headers.

    Raises:
        Refused: No line holds an object, or the keys are not what the mapping needs.
    """
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


def read_combined(connection: duckdb.DuckDBPyConnection, delivery: Delivery, plain: Plain) -> Source:
    """Fill ``landed`` from a web server log in the combined format.

    Raises:
        Refused: No line is of that format.
    """
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
