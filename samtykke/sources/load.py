"""Load the drop folder: every file is loaded once, replaced when it changed, or refused with a remedy."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from samtykke.settings import Settings
from samtykke.sources import store
from samtykke.sources.batch import Batch, prepare
from samtykke.sources.contracts import ENTITIES
from samtykke.sources.countries import register_country_names
from samtykke.sources.files import (
    Delivery,
    Incomplete,
    Refused,
    deliveries,
    file_id_of,
    sha256_of,
    state,
    wait_until_settled,
)
from samtykke.sources.identify import blocked_sql
from samtykke.sources.mapping import Mapping, MappingError, contract_mapping, known_mappings, load_mapping
from samtykke.sources.scrub import register_scrub_macros
from samtykke.sources.store import EntityCount
from samtykke.sources.suppressions import resolve_hashed_suppressions
from samtykke.storage.connect import open_home

LOADED, DUPLICATE, REFUSED, INCOMPLETE, REPLACED = "loaded", "duplicate", "refused", "incomplete", "replaced"


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


def load_landing(
    settings: Settings, *, entities: tuple[str, ...] | None = None, now: datetime | None = None
) -> list[FileResult]:
    """Load every file of the drop folder but social data, which waits for the door.

    Args:
        settings: Whose home and drop folder.
        entities: Only these; all by default.
        now: Our clock, UTC; the time of the call by default.

    Returns:
        One result per file. A refused file stops no other.
    """
    with open_home(settings, vault=True) as connection:
        loader = Loader(connection, settings, utc(now))
        loader.repair()
        results = loader.load_all(list(deliveries(settings.drop_folder, social=False, entities=entities)))
        resolve_hashed_suppressions(connection)
    return results


def utc(moment: datetime | None) -> datetime:
    """Return a moment as the database keeps it: UTC without zone; now by default."""
    moment = moment or datetime.now(UTC)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


class Loader:
    """Loads files over one connection, which it prepares with macros and reference tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> None:
        self.connection = connection
        self.settings = settings
        self.now = now
        self.blocked, self.blocked_digest = blocked_sql(settings.project)
        register_scrub_macros(connection)
        register_country_names(connection)

    def repair(self) -> None:
        """Remove what an interrupted load left, and judge known identifiers again when the block list changed."""
        store.sweep_vault(self.connection)
        judged = self.connection.execute(
            "select value from raw.loader_state where name = 'identity_blocked'"
        ).fetchone()
        if judged == (self.blocked_digest,):
            return
        self.connection.execute("begin")
        self.connection.execute(f"""
            update raw.identifiers as r set is_blocked = j.block_reason is not null, block_reason = j.block_reason
            from (select identifier_key, {self.blocked} as block_reason from vault.identifiers) as j
            where r.identifier_key = j.identifier_key and r.block_reason is distinct from j.block_reason
        """)
        self.connection.execute(
            "insert or replace into raw.loader_state values ('identity_blocked', $1)", [self.blocked_digest]
        )
        self.connection.execute("commit")

    def load_all(self, found: list[Delivery]) -> list[FileResult]:
        """Load files in order; a copy of a content that was replaced in this very run is loaded after all."""
        results = {delivery.relative: self.load(delivery) for delivery in found}
        if any(result.replaced for result in results.values()):
            for delivery in found:
                if results[delivery.relative].status == DUPLICATE:
                    results[delivery.relative] = self.load(delivery)
        return list(results.values())

    def load(self, delivery: Delivery) -> FileResult:
        """Load one file unless its content is known; every outcome is written to ``raw.files``."""
        digest, size = "", 0
        try:
            before = wait_until_settled(delivery.path, self.settings.settle_seconds)
            size = before[0]
            digest = sha256_of(delivery.path)
            file_id = file_id_of(delivery.relative, digest)
            if self._is_known(delivery, digest):
                return self._duplicate(delivery, file_id, digest, size)
            mapping = self._mapping(delivery)
            batch = prepare(self.connection, delivery, mapping, self.settings, self.now)
            if state(delivery.path) != before:
                raise Incomplete(
                    "changed_while_read", f"{delivery.relative} changed while it was read; run again."
                )
            return self._store(batch, file_id, digest, size)
        except (Refused, Incomplete) as problem:
            status = REFUSED if isinstance(problem, Refused) else INCOMPLETE
            return self._not_loaded(delivery, digest, size, status, problem.reason, problem.remedy)
        except duckdb.Error as error:
            # The message may repeat the record: only its class is told.
            with suppress(duckdb.Error):
                self.connection.execute("rollback")
            remedy = (
                f"{delivery.relative} could not be loaded ({type(error).__name__}); nothing of it was kept."
            )
            return self._not_loaded(delivery, digest, size, REFUSED, "failed", remedy)
        except FileNotFoundError:
            return self._not_loaded(
                delivery,
                digest,
                size,
                INCOMPLETE,
                "gone",
                f"{delivery.relative} went away while it was read; run again.",
            )

    def _is_known(self, delivery: Delivery, digest: str) -> bool:
        known = self.connection.execute(
            "select 1 from raw.files where sha256 = $1 and entity = $2 and mapping is not distinct from $3 "
            "and status = 'loaded'",
            [digest, delivery.entity, delivery.mapping],
        ).fetchone()
        return known is not None

    def _mapping(self, delivery: Delivery) -> Mapping:
        contract = ENTITIES.get(delivery.entity)
        if contract is None:
            raise Refused(
                "unknown_entity",
                f"{delivery.relative} lies in a folder that is no entity; use one of {', '.join(ENTITIES)}, "
                "with @ and a mapping's name when the headers are a vendor's.",
            )
        if delivery.mapping is None:
            return contract_mapping(contract)
        try:
            return load_mapping(delivery.mapping, delivery.entity, self.settings.project)
        except MappingError as error:
            known = ", ".join(known_mappings(self.settings.project))
            raise Refused("mapping", f"{delivery.relative}: {error}. Mappings: {known}.") from None

    def _store(self, batch: Batch, file_id: str, digest: str, size: int) -> FileResult:
        connection, delivery = self.connection, batch.delivery
        accounts = store.counts(connection, batch)
        old = [
            row[0]
            for row in connection.execute(
                "select file_id from raw.files where path = $1 and status = 'loaded'", [delivery.relative]
            ).fetchall()
        ]
        store.write_vault(connection, batch, file_id, self.now)
        connection.execute("begin")
        if old:
            touched = connection.execute(
                "select distinct entity from raw.file_entities where list_contains($1, file_id)", [old]
            ).fetchall()
            store.delete_raw(connection, old, [entity for (entity,) in touched])
            connection.execute(
                "update raw.files set status = 'replaced' where list_contains($1, file_id)", [old]
            )
        store.register_identifiers(connection, self.blocked, self.now)
        store.write_raw(connection, batch, file_id, self.now)
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
        self._note(
            delivery,
            file_id,
            digest,
            size,
            LOADED,
            records_in=batch.records_in,
            encoding=batch.landed.encoding,
            unknown=list(batch.unknown),
        )
        connection.execute("commit")
        if old:
            store.sweep_vault(connection)
        return FileResult(
            path=delivery.relative,
            entity=delivery.entity,
            mapping=delivery.mapping,
            status=LOADED,
            file_id=file_id,
            counts=accounts,
            unknown_columns=batch.unknown,
            replaced=bool(old),
            records_in=batch.records_in,
        )

    def _duplicate(self, delivery: Delivery, file_id: str, digest: str, size: int) -> FileResult:
        known = self.connection.execute(
            "select status from raw.files where file_id = $1", [file_id]
        ).fetchone()
        if known != (LOADED,):
            self._note(delivery, file_id, digest, size, DUPLICATE)
        return FileResult(delivery.relative, delivery.entity, delivery.mapping, DUPLICATE, file_id=file_id)

    def _not_loaded(
        self, delivery: Delivery, digest: str, size: int, status: str, reason: str, remedy: str
    ) -> FileResult:
        file_id = file_id_of(delivery.relative, digest or status)
        self._note(delivery, file_id, digest, size, status, reason=reason, remedy=remedy)
        return FileResult(
            delivery.relative, delivery.entity, delivery.mapping, status, reason, remedy, file_id=file_id
        )

    def _note(
        self,
        delivery: Delivery,
        file_id: str,
        digest: str,
        size: int,
        status: str,
        *,
        reason: str | None = None,
        remedy: str | None = None,
        records_in: int = 0,
        encoding: str | None = None,
        unknown: list[str] | None = None,
    ) -> None:
        # What was said of this path before, and is not true any more, goes.
        self.connection.execute(
            "delete from raw.files where path = $1 and file_id <> $2 "
            "and status in ('refused', 'incomplete', 'duplicate')",
            [delivery.relative, file_id],
        )
        self.connection.execute(
            """
            insert or replace into raw.files
                (file_id, path, entity, mapping, sha256, bytes, status, reason, remedy, records_in, encoding, loaded_at,
                 unknown_columns)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::timestamp, $13)
            """,
            [
                file_id,
                delivery.relative,
                delivery.entity,
                delivery.mapping,
                digest,
                size,
                status,
                reason,
                remedy,
                records_in,
                encoding,
                self.now,
                unknown or [],
            ],
        )
