"""The manifest of deliveries: what each file was, what became of it, and how its rows add up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from samtykke.sources.files import Delivery

LOADED, DUPLICATE, REFUSED, INCOMPLETE = "loaded", "duplicate", "refused", "incomplete"


@dataclass(frozen=True)
class EntityCount:
    """What one file brought for one entity: rows_in = rows_staged + rows_quarantined.

    ``rows_refused`` of the quarantined ones were refused for lack of consent: at the door, or by an unreadable signal.
    """

    entity: str
    rows_in: int
    rows_staged: int
    rows_quarantined: int
    rows_refused: int = 0


@dataclass(frozen=True)
class FileResult:
    """What became of one delivered file.

    Attributes:
        path: Its path inside the drop folder.
        entity: The folder's entity.
        mapping: The folder's mapping, if any.
        status: loaded, duplicate, refused or incomplete.
        reason: Why it was refused or is incomplete: a fixed word.
        remedy: What to do: a sentence that names file and headers, never a value.
        file_id: Key of ``raw.files``.
        counts: Per entity rows in, staged, quarantined.
        unknown_columns: Headers that nothing reads; their values are in the vault.
        replaced: Whether it took the place of an earlier content of the same path.
        records_in: Records of the file.
    """

    path: str
    entity: str
    mapping: str | None
    status: str
    reason: str | None = None
    remedy: str | None = None
    file_id: str | None = None
    counts: tuple[EntityCount, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    replaced: bool = False
    records_in: int = 0


@dataclass(frozen=True)
class Note:
    """A row of ``raw.files``."""

    file_id: str
    sha256: str
    bytes: int
    status: str
    reason: str | None = None
    remedy: str | None = None
    records_in: int = 0
    encoding: str | None = None
    unknown_columns: tuple[str, ...] = ()


def write_note(connection: duckdb.DuckDBPyConnection, delivery: Delivery, note: Note, now: datetime) -> None:
    """Write the row of one file; what was said of this path before and is not true any more goes."""
    connection.execute(
        "delete from raw.files where path = $1 and file_id <> $2 and status in ('refused', 'incomplete', 'duplicate')",
        [delivery.relative, note.file_id],
    )
    connection.execute(
        """
        insert or replace into raw.files
            (file_id, path, entity, mapping, sha256, bytes, status, reason, remedy, records_in, encoding, loaded_at,
             unknown_columns)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::timestamp, $13)
        """,
        [
            note.file_id,
            delivery.relative,
            delivery.entity,
            delivery.mapping,
            note.sha256,
            note.bytes,
            note.status,
            note.reason,
            note.remedy,
            note.records_in,
            note.encoding,
            now,
            list(note.unknown_columns),
        ],
    )


def write_accounts(connection: duckdb.DuckDBPyConnection, file_id: str, accounts: tuple[EntityCount, ...]) -> None:
    """Write how the rows of a file add up."""
    for account in accounts:
        connection.execute(
            "insert or replace into raw.file_entities values ($1, $2, $3, $4, $5, $6)",
            [
                file_id,
                account.entity,
                account.rows_in,
                account.rows_staged,
                account.rows_quarantined,
                account.rows_refused,
            ],
        )


def write_refusals(connection: duckdb.DuckDBPyConnection, file_id: str, entity: str, refusals: dict[str, int]) -> None:
    """Count rows of social data that were not admitted, by reason; no line is kept."""
    for reason, rows in refusals.items():
        connection.execute(
            "insert into raw.quarantine (file_id, line_number, entity, reason, rows) values ($1, 0, $2, $3, $4)",
            [file_id, entity, reason, rows],
        )
