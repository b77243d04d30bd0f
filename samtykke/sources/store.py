"""Store a checked batch: vault first, then the warehouse in one transaction, so that a crash leaves old or new.

DuckDB commits to one database at a time. The vault's rows are written beforehand and swept afterwards by what the
warehouse says is loaded; between the two commits only unreferenced vault rows can exist, and the next sweep or the
next load of the same file removes or replaces them.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from samtykke.keys import KEY_VERSION
from samtykke.sources import signals
from samtykke.sources.batch import ERASED, Batch, Part, count, has_texts, name_forms
from samtykke.sources.manifest import EntityCount
from samtykke.sources.shape import literal, quoted, record_json, unknown_json
from samtykke.sources.targets import FALLBACKS, RECORD_KEYS, TARGETS, TEXT_KEYS, TEXTS

_VAULT_TABLES = ("contact_details", "texts", "extras", "quarantine")


def counts(connection: duckdb.DuckDBPyConnection, batch: Batch) -> tuple[EntityCount, ...]:
    """Return the accounts of a batch, per entity.

    Raises:
        AssertionError: The rows of the main entity do not add up to the records of the file.
    """
    found: dict[str, list[int]] = {}
    for part in batch.parts:
        staged = count(connection, part.table, "issue is null")
        issued = count(connection, part.table, "issue is not null")
        rejected = count(connection, "rejected") if part.is_main else 0
        if part.is_main:
            assert staged + issued + rejected == batch.records_in, "records in = staged + quarantined"
        entry = found.setdefault(part.contract.entity, [0, 0, 0])
        entry[0] += staged
        entry[1] += issued + rejected
        # Any browser can send a TC string that nobody can read: it is no consent, and no fault of the file.
        if part.contract.entity == signals.ENTITY:
            entry[2] += count(connection, part.table, "starts_with(issue, signal || ':')")
    return tuple(EntityCount(name, s + q, s, q, r) for name, (s, q, r) in found.items())


def write_vault(connection: duckdb.DuckDBPyConnection, batch: Batch, file_id: str, now: datetime) -> None:
    """Write the clear values of a batch; what an interrupted load of the same file left is replaced."""
    source = batch.landed.source
    entities = {part.contract.entity for part in batch.parts}
    for part in batch.parts:
        if part.contract.entity == "contacts":
            name_forms(connection, part.table)
    connection.execute("begin")
    for table in _VAULT_TABLES:
        connection.execute(f"delete from vault.{table} where file_id = $1", [file_id])
    write_identifiers(connection, now)
    for part in batch.parts:
        _write_personal(connection, part, file_id)
        _write_quarantined(connection, batch, part, file_id)
    main = batch.parts[0]
    connection.execute(
        f"insert into vault.quarantine select $1, line_number, {literal(main.contract.entity)}, reason, record "
        "from rejected",
        [file_id],
    )
    if batch.unknown and entities:
        connection.execute(
            f"insert into vault.extras select $1, l.line_number, {literal(main.contract.entity)}, "
            f"{unknown_json(list(batch.unknown), source)} as found from landed as l "
            f"inner join {main.table} as r on l.line_number = r.line_number and r.issue is null "
            "where found is not null",
            [file_id],
        )
    connection.execute("commit")


def write_identifiers(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Add the identifiers of ``idents`` to the vault, but for erased ones: they never come back in clear text."""
    connection.execute(
        f"""
        insert into vault.identifiers
        select key, any_value(own_kind), any_value(value), {KEY_VERSION}, $1::timestamp from idents as i
        where not exists (select 1 from vault.identifiers as v where v.identifier_key = i.key)
            and not exists (select 1 from ledger.tombstones as t where t.identifier_key = i.key)
        group by key
        """,
        [now],
    )


def register_identifiers(connection: duckdb.DuckDBPyConnection, blocked: str, now: datetime) -> None:
    """Add the identifiers of ``idents`` to ``raw.identifiers``, blocked ones with their reason."""
    connection.execute(
        f"""
        insert into raw.identifiers
        with fresh as (
            select key, any_value(own_kind) as identifier_kind, any_value(value) as value,
                any_value(phone_region) as phone_region, any_value(phone_type) as phone_type
            from idents as i
            where not exists (select 1 from raw.identifiers as r where r.identifier_key = i.key)
            group by key
        ), judged as (select *, {blocked} as block_reason from fresh)
        select key, identifier_kind, block_reason is not null, block_reason, phone_region, phone_type, $1::timestamp
        from judged
        """,
        [now],
    )


def _write_personal(connection: duckdb.DuckDBPyConnection, part: Part, file_id: str) -> None:
    entity = part.contract.entity
    if entity == "contacts":
        connection.execute(
            f"""
            insert into vault.contact_details
            select {RECORD_KEYS["contacts"]}, $1, line_number, first_name, last_name, nickname, street, postal_code,
                city, f.form, l.form
            from {part.table} as r
            left join name_forms as f on r.first_name = f.raw
            left join name_forms as l on r.last_name = l.raw
            where issue is null
                and coalesce(first_name, last_name, nickname, street, postal_code, city) is not null
            """,
            [file_id],
        )
    if entity == "social_profiles":
        connection.execute(
            f"""
            insert into vault.contact_details (record_key, file_id, line_number, nickname)
            select {RECORD_KEYS["social_profiles"]}, $1, line_number, display_name
            from {part.table} where issue is null and display_name is not null
            """,
            [file_id],
        )
    if has_texts(part):
        text = TEXTS[entity]
        connection.execute(
            f"insert into vault.texts select {TEXT_KEYS[entity]}, {literal(entity)}, $1, line_number, {text} "
            f"from {part.table} where issue is null and {text} is not null",
            [file_id],
        )


def _write_quarantined(connection: duckdb.DuckDBPyConnection, batch: Batch, part: Part, file_id: str) -> None:
    connection.execute(
        f"""
        insert into vault.quarantine
        select $1, r.line_number, {literal(part.contract.entity)}, split_part(r.issue, '|', 1),
            {record_json(batch.landed.source)}
        from {part.table} as r inner join landed as l on r.line_number = l.line_number
        where r.issue is not null and not starts_with(r.issue, '{ERASED}|')
        """,
        [file_id],
    )


def write_raw(connection: duckdb.DuckDBPyConnection, batch: Batch, file_id: str, now: datetime) -> None:
    """Insert the rows, the quarantine and the field issues of a batch; the caller holds the transaction."""
    for part in batch.parts:
        entity = part.contract.entity
        target = dict(TARGETS[entity])
        for name, fallback in FALLBACKS.get(entity, {}).items():
            if count(connection, part.table, f"issue is null and {name} is null"):
                target[name] = f"coalesce({target[name]}, {fallback})"
        columns = ", ".join([*target, "file_id", "line_number", "loaded_at"])
        values = ", ".join(f"{sql} as {quoted(name)}" for name, sql in target.items())
        # Inserted by name: a column that a migration adds at the end stays null until its writer knows it.
        connection.execute(
            f"insert into raw.{entity} ({columns}) select {values}, $1, line_number, $2::timestamp "
            f"from (select * from {part.table} where issue is null)",
            [file_id, now],
        )
        connection.execute(
            f"""
            insert into raw.quarantine (file_id, line_number, entity, reason, column_name)
            select $1, line_number, {literal(entity)}, split_part(issue, '|', 1), nullif(split_part(issue, '|', 2), '')
            from {part.table} where issue is not null
            """,
            [file_id],
        )
    connection.execute(
        "insert into raw.quarantine (file_id, line_number, entity, reason) select $1, line_number, $2, reason "
        "from rejected",
        [file_id, batch.parts[0].contract.entity],
    )
    connection.execute(
        "insert into raw.field_issues select $1, line_number, entity, column_name, reason from issues",
        [file_id],
    )


def delete_raw(connection: duckdb.DuckDBPyConnection, file_ids: list[str], tables: list[str]) -> None:
    """Delete what files brought to the warehouse; the caller holds the transaction."""
    for table in (*tables, "quarantine", "field_issues", "file_entities"):
        connection.execute(f"delete from raw.{table} where list_contains($1, file_id)", [file_ids])


def sweep_vault(connection: duckdb.DuckDBPyConnection) -> None:
    """Delete vault rows of files that are not loaded (replaced, or interrupted), and identifiers nobody registered."""
    connection.execute("begin")
    for table in _VAULT_TABLES:
        connection.execute(
            f"delete from vault.{table} where file_id not in (select file_id from raw.files where status = 'loaded')"
        )
    for table in ("identifiers", "platform_ids"):
        connection.execute(
            f"delete from vault.{table} where identifier_key not in (select identifier_key from raw.identifiers)"
        )
    connection.execute("commit")
