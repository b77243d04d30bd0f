"""Append to and verify hash-chained ledger tables: the one implementation for consent events and exports.

Every row carries ``row_hash = sha256(prev_hash || canonical form of the row)`` and the hash of the row before
it, so that a row changed, removed or put in between breaks every later hash. The canonical form is the JSON
that DuckDB makes of the stored columns in their stored order: what is hashed is what is read back, not what
was passed in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import duckdb
import pyarrow as pa

GENESIS = "0" * 64
_BATCH = 50_000
_LINKS = ("row_hash", "prev_hash")


def append_chained(connection: duckdb.DuckDBPyConnection, table: str, query: str, *, order_by: str) -> int:
    """Append the rows of a query to a chained table; the caller owns the transaction.

    Args:
        connection: Has the table's database attached for writing.
        table: Qualified name, such as ``ledger.export_rows``; has ``seq``, ``row_hash``, ``prev_hash``.
        query: Select with every other column of the table, by name.
        order_by: A total order of the query's rows, in which they are numbered.

    Returns:
        How many rows were appended.

    Raises:
        duckdb.Error: The query lacks a column or brings a value of the wrong type; nothing is appended.
    """
    columns = _columns(connection, table)
    own = [name for name in columns if name not in ("seq", *_LINKS)]
    # the number first, then one row: of 5 M rows the newest hash would cost a second per append
    (last,) = connection.execute(f"select coalesce(max(seq), 0) from {table}").fetchone()
    head = connection.execute(f"select row_hash from {table} where seq = {last}").fetchone()
    previous = head[0] if head else GENESIS
    casts = ", ".join(f"cast({name} as {columns[name]}) as {name}" for name in own)
    connection.execute(f"""
        create or replace temporary table chain_staged as
        select {last} + row_number() over () as seq, * from (select {casts} from ({query}) order by {order_by})
    """)
    chained, rows = [], 0
    # read as they were staged, in order already: to sort them again would cost more than to hash them
    for numbers, contents in _batches(connection, "chain_staged", ["seq", _canonical(own)]):
        if numbers != list(range(last + rows + 1, last + rows + len(numbers) + 1)):
            raise duckdb.Error(f"rows for {table} came out of order; the chain was not continued")
        hashes = []
        link = previous
        for content in contents:
            previous = hashlib.sha256(f"{previous}{content}".encode()).hexdigest()
            hashes.append(previous)
        chained.append(pa.table({"row_hash": hashes, "prev_hash": [link, *hashes[:-1]]}))
        rows += len(hashes)
    if chained:
        connection.register("chain_hashes", pa.concat_tables(chained))
        connection.execute(f"""
            insert into {table} by name
            select * from chain_staged positional join chain_hashes
        """)
        connection.unregister("chain_hashes")
    connection.execute("drop table chain_staged")
    return rows


def first_broken_link(connection: duckdb.DuckDBPyConnection, table: str) -> int | None:
    """Recompute a table's chain from its stored rows.

    Returns:
        The ``seq`` of the first row whose number, link or content is not what was appended; None if the chain
        holds. A chain cannot tell that its newest rows are missing: compare its head with a copy for that.
    """
    own = [name for name in _columns(connection, table) if name not in ("seq", *_LINKS)]
    previous, expected = GENESIS, 1
    for numbers, links, hashes, contents in _batches(
        connection, f"{table} order by seq", ["seq", "prev_hash", "row_hash", _canonical(own)]
    ):
        for number, link, row_hash, content in zip(numbers, links, hashes, contents, strict=True):
            if number != expected or link != previous:
                return number
            previous = hashlib.sha256(f"{previous}{content}".encode()).hexdigest()
            if row_hash != previous:
                return number
            expected += 1
    return None


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    described = connection.execute(f"describe {table}").fetchall()
    return {name: kind for name, kind, *_ in described}


def _canonical(own: list[str]) -> str:
    fields = ", ".join(f"{name} := {name}" for name in ("seq", *own))
    return f"cast(to_json(struct_pack({fields})) as varchar)"


def _batches(connection: duckdb.DuckDBPyConnection, rows: str, expressions: list[str]) -> Iterator[list[list]]:
    """Yield rows column by column, without holding the whole table."""
    found = connection.execute(f"select {', '.join(expressions)} from {rows}")
    for batch in found.to_arrow_reader(_BATCH):
        yield [column.to_pylist() for column in batch.columns]
