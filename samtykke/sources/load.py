"""Load the drop folder: every file is loaded once, replaced when it changed, or refused with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import duckdb

from samtykke.identity.names import number_names
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
from samtykke.sources.manifest import (
    DUPLICATE,
    INCOMPLETE,
    LOADED,
    REFUSED,
    EntityCount,
    FileResult,
    Note,
    write_accounts,
    write_note,
    write_refusals,
)
from samtykke.sources.mapping import Mapping, MappingError, contract_mapping, known_mappings, load_mapping
from samtykke.sources.quarantine import write_quarantine
from samtykke.sources.registry import forget_orphans, note_keys
from samtykke.sources.scrub import register_scrub_macros
from samtykke.sources.signals import register_signal_macros
from samtykke.sources.suppressions import resolve_hashed_suppressions
from samtykke.storage.connect import open_home

__all__ = ["EntityCount", "FileResult", "LoadError", "Loader", "load_landing", "utc"]

# What is wrong with the machine, not with a file: the run stops, what was loaded before stands.
_NOT_THE_FILE = duckdb.IOException | duckdb.OutOfMemoryException | duckdb.FatalException | duckdb.TransactionException


class LoadError(RuntimeError):
    """Loading cannot go on: the disk is full, memory is short or the database is damaged."""


def load_landing(
    settings: Settings,
    *,
    entities: tuple[str, ...] | None = None,
    wanted: Callable[[duckdb.DuckDBPyConnection, Delivery], bool] | None = None,
    now: datetime | None = None,
) -> list[FileResult]:
    """Load every file of the drop folder but social data, which waits for the door.

    Args:
        settings: Whose home and drop folder.
        entities: Only these; all by default.
        wanted: Asked of each file, over the connection that loads it; every file by default.
        now: Our clock, UTC; the time of the call by default.

    Returns:
        One result per file. A refused file stops no other.

    Raises:
        LoadError: The disk or the memory is full, or a database is damaged.
    """
    with open_home(settings, vault=True) as connection:
        loader = Loader(connection, settings, utc(now))
        loader.repair()
        found = deliveries(settings.drop_folder, social=False, entities=entities)
        results = loader.load_all([one for one in found if wanted is None or wanted(connection, one)])
        resolve_hashed_suppressions(connection)
        number_names(connection, settings.project)
        write_quarantine(connection, settings.home / "quarantine")
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
        register_signal_macros(connection, settings.project)
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
        results = {delivery.relative: self._load_next(delivery) for delivery in found}
        if any(result.replaced for result in results.values()):
            for delivery in found:
                if results[delivery.relative].status == DUPLICATE:
                    results[delivery.relative] = self._load_next(delivery)
        return list(results.values())

    def _load_next(self, delivery: Delivery) -> FileResult:
        """Load a file a moment after the one before: of a record in both, the later file by name is the newer."""
        result = self.load(delivery)
        if result.status == LOADED:
            self.now += timedelta(microseconds=1)
        return result

    def load(self, delivery: Delivery) -> FileResult:
        """Load one file unless its content is known; every outcome is written to ``raw.files``."""
        digest, size = "", 0
        try:
            before = wait_until_settled(delivery.path, self.settings.settle_seconds)
            size, digest = before[0], sha256_of(delivery.path)
            file_id = file_id_of(delivery.relative, digest)
            if self._is_known(delivery, digest):
                return self._duplicate(delivery, file_id, digest, size)
            batch = prepare(self.connection, delivery, self.mapping_of(delivery), self.settings, self.now)
            if state(delivery.path) != before:
                raise Incomplete("changed_while_read", f"{delivery.relative} changed while it was read; run again.")
            return self.store(batch, file_id, digest, size, accounts=store.counts(self.connection, batch))
        except (Refused, Incomplete, duckdb.Error, OSError) as problem:
            return self.not_loaded(delivery, digest, size, problem)

    def _is_known(self, delivery: Delivery, digest: str) -> bool:
        known = self.connection.execute(
            "select 1 from raw.files where sha256 = $1 and entity = $2 and mapping is not distinct from $3 "
            "and status = 'loaded'",
            [digest, delivery.entity, delivery.mapping],
        ).fetchone()
        return known is not None

    def mapping_of(self, delivery: Delivery) -> Mapping:
        """Return how a file's headers are read.

        Raises:
            Refused: Its folder names no entity, or a mapping that cannot be used.
        """
        contract = ENTITIES.get(delivery.entity)
        if contract is None:
            raise Refused(
                "unknown_entity",
                f"{delivery.relative} lies in no folder of an entity; use one of {', '.join(ENTITIES)}, "
                "with @ and a mapping's name when the headers are a vendor's.",
            )
        if delivery.mapping is None:
            return contract_mapping(contract)
        try:
            return load_mapping(delivery.mapping, delivery.entity, self.settings.project)
        except MappingError as error:
            known = ", ".join(known_mappings(self.settings.project))
            raise Refused("mapping", f"{delivery.relative}: {error}. Mappings: {known}.") from None

    def store(
        self,
        batch: Batch,
        file_id: str,
        digest: str,
        size: int,
        *,
        accounts: tuple[EntityCount, ...],
        refusals: dict[str, int] | None = None,
    ) -> FileResult:
        """Write a batch in place of what this path, or this id, brought before.

        Args:
            batch: What was read and checked.
            file_id: Its id.
            digest: SHA-256 of the file.
            size: Its bytes.
            accounts: How its rows add up.
            refusals: Rows not admitted at the door, by reason.
        """
        connection, delivery = self.connection, batch.delivery
        old = [
            row[0]
            for row in connection.execute(
                "select file_id from raw.files where status = 'loaded' and (path = $1 or file_id = $2)",
                [delivery.relative, file_id],
            ).fetchall()
        ]
        touched = [
            entity
            for (entity,) in connection.execute(
                "select distinct entity from raw.file_entities where list_contains($1, file_id)", [old]
            ).fetchall()
        ]
        note_keys(connection, touched, "list_contains($1, file_id)", [old])
        store.write_vault(connection, batch, file_id, self.now)
        connection.execute("begin")
        store.delete_raw(connection, old, touched)
        connection.execute("update raw.files set status = 'replaced' where list_contains($1, file_id)", [old])
        store.register_identifiers(connection, self.blocked, self.now)
        store.write_raw(connection, batch, file_id, self.now)
        write_accounts(connection, file_id, accounts)
        write_refusals(connection, file_id, delivery.entity, refusals or {})
        write_note(
            connection,
            delivery,
            Note(
                file_id,
                digest,
                size,
                LOADED,
                records_in=batch.records_in,
                encoding=batch.landed.encoding,
                unknown_columns=batch.unknown,
            ),
            self.now,
        )
        connection.execute("commit")
        if old:
            store.sweep_vault(connection)
        forget_orphans(connection)
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
        known = self.connection.execute("select status from raw.files where file_id = $1", [file_id]).fetchone()
        if known not in ((LOADED,), (DUPLICATE,)):
            write_note(self.connection, delivery, Note(file_id, digest, size, DUPLICATE), self.now)
        return FileResult(delivery.relative, delivery.entity, delivery.mapping, DUPLICATE, file_id=file_id)

    def not_loaded(self, delivery: Delivery, digest: str, size: int, problem: Exception) -> FileResult:
        """Write down why a file was not loaded; nothing of it is kept."""
        if isinstance(problem, Refused | Incomplete):
            status = REFUSED if isinstance(problem, Refused) else INCOMPLETE
            reason, remedy = problem.reason, problem.remedy
        elif isinstance(problem, FileNotFoundError):
            status, reason = INCOMPLETE, "gone"
            remedy = f"{delivery.relative} went away while it was read; deliver it again."
        elif isinstance(problem, PermissionError):
            status, reason = REFUSED, "not_readable"
            remedy = f"{delivery.relative} may not be read by the user that runs this; change its permissions."
        else:
            # The message may repeat a record: only its class is told.
            with suppress(duckdb.Error):
                self.connection.execute("rollback")
            if isinstance(problem, OSError | _NOT_THE_FILE):
                raise LoadError(
                    f"{delivery.relative}: {type(problem).__name__} while loading; is there disk space?"
                ) from None
            status, reason = REFUSED, "failed"
            remedy = f"{delivery.relative} could not be loaded ({type(problem).__name__}); nothing of it was kept."
        file_id = file_id_of(delivery.relative, digest or status)
        note = Note(file_id, digest, size, status, reason, remedy)
        write_note(self.connection, delivery, note, self.now)
        return FileResult(delivery.relative, delivery.entity, delivery.mapping, status, reason, remedy, file_id=file_id)
