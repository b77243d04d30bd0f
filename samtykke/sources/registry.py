"""Identifiers that nothing refers to any more leave the registry and the vault."""

from __future__ import annotations

import duckdb

# Every column of the home that holds an identifier key.
_REFERENCES: dict[str, tuple[str, ...]] = {
    "raw.contacts": ("crm_key", "email_key", "phone_key", "nickname_key"),
    "raw.consent_events": ("identifier_key",),
    "raw.declared_interests": ("identifier_key",),
    "raw.suppressions": ("identifier_key",),
    "raw.social_profiles": ("handle_key", "crm_key", "email_key", "phone_key"),
    "raw.social_posts": ("handle_key",),
    "raw.social_edges": ("from_handle_key", "to_handle_key"),
    "raw.page_views": ("cookie_key", "login_key"),
    "raw.email_events": ("email_key",),
    "raw.orders": ("crm_key", "email_key", "phone_key"),
    "raw.conversations": ("identifier_key",),
    "raw.shares": ("identifier_key",),
    "ledger.consent_events": ("identifier_key",),
    "ledger.export_rows": ("identifier_key",),
}


def note_keys(connection: duckdb.DuckDBPyConnection, tables: list[str], where: str, values: list[object]) -> None:
    """Add the identifier keys of rows that are about to go to the temporary table ``leaving``.

    Args:
        connection: With an open home.
        tables: Names in schema ``raw``; those without identifiers are passed over.
        where: Which rows.
        values: Parameters of the condition.
    """
    connection.execute("create temp table if not exists leaving (identifier_key varchar)")
    for table in tables:
        for column in _REFERENCES.get(f"raw.{table}", ()):
            connection.execute(f"insert into leaving select distinct {column} from raw.{table} where {where}", values)


def forget_orphans(connection: duckdb.DuckDBPyConnection) -> int:
    """Remove the identifiers of ``leaving`` that no row refers to, first from the vault, then from the registry.

    Returns:
        How many were removed.
    """
    connection.execute("create temp table if not exists leaving (identifier_key varchar)")
    connection.execute("""
        create or replace temp table orphans as
        select distinct identifier_key from leaving where identifier_key is not null
    """)
    connection.execute("drop table leaving")
    for table, columns in _REFERENCES.items():
        for column in columns:
            if not _count(connection):
                break
            connection.execute(f"""
                delete from orphans where identifier_key in (
                    select {column} from {table} where {column} in (select identifier_key from orphans))
            """)
    found = _count(connection)
    if found:
        for table in ("vault.identifiers", "vault.platform_ids", "raw.identifiers", "raw.email_names"):
            connection.execute(f"delete from {table} where identifier_key in (select identifier_key from orphans)")
    connection.execute("drop table orphans")
    return found


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    (number,) = connection.execute("select count(*) from orphans").fetchone() or (0,)
    return int(number)
