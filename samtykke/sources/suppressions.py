"""Entries of suppression lists that came hashed: match them with the identifiers in the vault, on every run."""

from __future__ import annotations

import duckdb


def resolve_hashed_suppressions(connection: duckdb.DuckDBPyConnection) -> int:
    """Give unmatched hashed entries the key of the identifier they mean, also when it arrived after the list.

    Lists hash an address in lower case and a phone number in E.164, with or without its plus: every form is tried.

    Args:
        connection: With the vault attached.

    Returns:
        How many entries were matched now.
    """
    wanted = connection.execute("""
        select identifier_kind, hash_algorithm, count(*) from raw.suppressions
        where identifier_key is null and hashed_value is not null group by all
    """).fetchall()
    if not wanted:
        return 0
    connection.execute(
        "create or replace temp table digests (kind varchar, algorithm varchar, digest varchar, key varchar)"
    )
    for kind, algorithm, _ in wanted:
        _add_digests(connection, kind, algorithm)
    before = _unmatched(connection)
    connection.execute("begin")
    connection.execute("""
        update raw.suppressions as s set identifier_key = d.key
        from (select kind, algorithm, digest, min(key) as key from digests group by all) as d
        where s.identifier_key is null and s.identifier_kind = d.kind and s.hash_algorithm = d.algorithm
            and s.hashed_value = d.digest
    """)
    connection.execute("commit")
    connection.execute("drop table digests")
    return before - _unmatched(connection)


def _unmatched(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute(
        "select count(*) from raw.suppressions where identifier_key is null and hashed_value is not null"
    ).fetchone()
    return int(found[0]) if found else 0


def _forms(kind: str) -> str:
    if kind == "phone":
        return "unnest([value, ltrim(value, '+'), '00' || ltrim(value, '+')])"
    return "value"


def _add_digests(connection: duckdb.DuckDBPyConnection, kind: str, algorithm: str) -> None:
    if algorithm in ("sha256", "md5", "sha1"):
        connection.execute(
            f"""
            insert into digests
            select identifier_kind, '{algorithm}', {algorithm}({_forms(kind)}), identifier_key
            from vault.identifiers where identifier_kind = $1
            """,
            [kind],
        )
