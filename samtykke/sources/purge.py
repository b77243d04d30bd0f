"""Delete social data whose permission ended, with its texts, what was read from them, and orphaned identifiers.

Works on the views ``handle_permissions``, ``handle_links`` and ``special_permissions`` that the door prepares. The
vault goes first: after a crash the next run finds the rows again and finishes.
"""

from __future__ import annotations

import duckdb

from samtykke.sources.registry import forget_orphans, note_keys

ENDED = "permission_ended"
_SPECIAL = """(file_id, line_number) in (
    select (m.file_id, m.line_number) from raw.special_texts as m
    inner join raw.{0} as r on m.file_id = r.file_id and m.line_number = r.line_number
    left join special_permissions as p on r.handle_key = p.handle_key
    where m.entity = '{0}' and not list_contains(coalesce(p.categories, []), m.category))"""
_ROWS = {
    **{
        entity: f"handle_key not in (select handle_key from held) or {_SPECIAL.format(entity)}"
        for entity in ("social_profiles", "social_posts")
    },
    "social_edges": "from_handle_key not in (select handle_key from held) "
    "or to_handle_key not in (select handle_key from held)",
}


def purge_social(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Delete every social row whose person permits ``enrichment.social`` no more, and interests likewise.

    A row that states a special category goes with the explicit consent to that category.

    Returns:
        Rows deleted per table.
    """
    for table, purpose in (("held", "enrichment.social"), ("readable", "enrichment.interests")):
        connection.execute(f"""
            create or replace temp table {table} as
            select handle_key from handle_permissions
            where purpose = '{purpose}' and is_permitted and not is_denied and handle_key is not null
        """)
    deleted = {}
    for table, gone in _ROWS.items():
        connection.execute(
            f"create or replace temp table going as select file_id, line_number from raw.{table} where {gone}"
        )
        (rows,) = connection.execute("select count(*) from going").fetchone() or (0,)
        if rows:
            note_keys(connection, [table], gone, [])
            _purge_vault(connection, table)
            _purge_rows(connection, table, gone)
        deleted[table] = int(rows)
    deleted["text_interests"] = _purge_interests(connection)
    if any(deleted.values()):
        forget_orphans(connection)
    connection.execute("drop table if exists going; drop table held; drop table readable")
    return deleted


def _purge_vault(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute("begin")
    for kept in ("texts", "extras", "contact_details"):
        of_entity = "" if kept == "contact_details" else f"entity = '{table}' and "
        connection.execute(
            f"delete from vault.{kept} where {of_entity}"
            "(file_id, line_number) in (select (file_id, line_number) from going)"
        )
    connection.execute("commit")


def _purge_rows(connection: duckdb.DuckDBPyConnection, table: str, gone: str) -> None:
    """Delete the rows and move them from staged to refused in the books of their files."""
    connection.execute("begin")
    connection.execute(f"delete from raw.{table} where {gone}")
    connection.execute(f"""
        update raw.file_entities as e
        set rows_staged = e.rows_staged - g.rows, rows_quarantined = e.rows_quarantined + g.rows,
            rows_refused = e.rows_refused + g.rows
        from (select file_id, count(*) as rows from going group by file_id) as g
        where e.file_id = g.file_id and e.entity = '{table}'
    """)
    connection.execute(f"""
        insert into raw.quarantine (file_id, line_number, entity, reason, rows)
        select file_id, 0, '{table}', '{ENDED}', count(*) from going group by file_id
    """)
    connection.execute("commit")


def _purge_interests(connection: duckdb.DuckDBPyConnection) -> int:
    gone = (
        "handle_key not in (select handle_key from readable) or handle_key not in (select handle_key from held) "
        "or text_key not in (select text_key from raw.social_posts "
        "union all select bio_key from raw.social_profiles where bio_key is not null)"
    )
    (rows,) = connection.execute(f"select count(*) from raw.text_interests where {gone}").fetchone() or (0,)
    connection.execute("begin")
    connection.execute(f"delete from raw.text_interests where {gone}")
    connection.execute(f"delete from raw.text_readings where {gone}")
    connection.execute("commit")
    return int(rows)
