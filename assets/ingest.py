"""Landing: every file of the drop folder into its raw tables, one asset per entity."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from assets.context import Home, retried
from assets.groups import LANDING, owner
from assets.metadata import source_spec, table_metadata
from samtykke.intake import DECIDING_ENTITIES, Books, Unread, books, unread_files
from samtykke.sources.contracts import ENTITIES
from samtykke.sources.load import load_landing

READABLE_CHECK = "files_are_readable"
FOLDERS_CHECK = "folders_are_known"
BALANCED_CHECK = "rows_in_are_staged_or_quarantined"
SHARE_CHECK = "few_rows_are_quarantined"


def build_landing(*, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the assets of all entities that need no permission to be loaded, with the loader's own tables."""
    entities = [name for name, entity in ENTITIES.items() if not entity.social]
    tables = [
        "files",
        "file_entities",
        "quarantine",
        "field_issues",
        "identifiers",
        "compatible_names",
        "email_names",
        *entities,
    ]
    specs = [source_spec(manifest, "raw", table, group=LANDING, owner=owner(LANDING)) for table in tables]

    @dg.multi_asset(
        name="load_landing",
        specs=specs,
        check_specs=[_folders_check(), *(spec for entity in entities for spec in entity_checks(entity))],
        description="Reads new and changed files of the drop folder; unchanged files are not read again.",
    )
    def landing(home: Home) -> Iterator[dg.MaterializeResult]:
        with retried():
            unread = unread_files(home.settings, load_landing(home.settings))
        with home.open(read_only=True) as connection:
            metadata = {table: table_metadata(connection, f"raw.{table}") for table in tables}
            ledgers = {
                entity: books(connection, entity, max_quarantine_share=home.settings.max_quarantine_share)
                for entity in entities
            }
        for table in tables:
            checks = check_results(ledgers[table], unread) if table in ledgers else []
            if table == "files":
                checks = [_folders_result(unread)]
            yield dg.MaterializeResult(asset_key=["raw", table], metadata=metadata[table], check_results=checks)

    return dg.Definitions(assets=[landing])


def entity_checks(entity: str) -> list[dg.AssetCheckSpec]:
    """The checks every entity has. An unreadable file blocks where exporting without it would be unsafe."""
    key = dg.AssetKey(["raw", entity])
    return [
        dg.AssetCheckSpec(
            READABLE_CHECK,
            asset=key,
            blocking=entity in DECIDING_ENTITIES,
            description="Every file could be read; a refused one is named with what to do.",
        ),
        dg.AssetCheckSpec(
            BALANCED_CHECK,
            asset=key,
            blocking=True,
            description="Per file: records read = staged + quarantined; and the table holds what was staged.",
        ),
        dg.AssetCheckSpec(
            SHARE_CHECK,
            asset=key,
            blocking=True,
            description="No file lost more of its rows to quarantine than SAMTYKKE_MAX_QUARANTINE_SHARE allows.",
        ),
    ]


def _folders_check() -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        FOLDERS_CHECK, asset=["raw", "files"], description="Every folder of the drop folder is an entity's."
    )


def _folders_result(unread: Sequence[Unread]) -> dg.AssetCheckResult:
    return _unread_result(dg.AssetKey(["raw", "files"]), FOLDERS_CHECK, [file for file in unread if not file.entities])


def _unread_result(key: dg.AssetKey, check: str, missing: Sequence[Unread]) -> dg.AssetCheckResult:
    refused = any(file.refused for file in missing)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=check,
        passed=not missing,
        severity=dg.AssetCheckSeverity.ERROR if refused else dg.AssetCheckSeverity.WARN,
        description="\n".join(file.says for file in missing) or "every file was read",
        metadata={"files_not_read": len(missing)},
    )


def check_results(book: Books, unread: Sequence[Unread]) -> list[dg.AssetCheckResult]:
    """What one load says to the checks of an entity."""
    key = dg.AssetKey(["raw", book.entity])
    return [
        _unread_result(key, READABLE_CHECK, [file for file in unread if book.entity in file.entities]),
        dg.AssetCheckResult(
            asset_key=key,
            check_name=BALANCED_CHECK,
            passed=book.balanced,
            severity=dg.AssetCheckSeverity.ERROR,
            description=f"{book.rows_in} in = {book.rows_staged} staged + {book.rows_quarantined} quarantined; "
            f"{book.rows_present} rows in the table, {book.unbalanced_files} files out of balance",
        ),
        dg.AssetCheckResult(
            asset_key=key,
            check_name=SHARE_CHECK,
            passed=not book.rejected_files,
            severity=dg.AssetCheckSeverity.ERROR,
            description=f"too many rows quarantined in {', '.join(book.rejected_files)}; mend or remove the file"
            if book.rejected_files
            else f"{book.rows_quarantined - book.rows_refused} of {book.rows_in} rows quarantined",
        ),
    ]
