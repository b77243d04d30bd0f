"""The door: social data of people who said yes, and of nobody else."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from assets.context import Home, retried
from assets.groups import DOOR, owner
from assets.ingest import check_results, entity_checks
from assets.metadata import source_spec, table_metadata
from samtykke.intake import books, unread_files
from samtykke.sources.contracts import ENTITIES
from samtykke.sources.door import load_social

_PERMISSIONS = dg.AssetKey(["intermediate", "int_consent__door_permissions"])


def build_door(*, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the assets of social entities and of the interests found in their texts."""
    entities = [name for name, entity in ENTITIES.items() if entity.social]
    tables = [*entities, "text_interests"]
    specs = [
        source_spec(manifest, "raw", table, group=DOOR, owner=owner(DOOR), deps=[_PERMISSIONS]) for table in tables
    ]

    @dg.multi_asset(
        name="load_social",
        specs=specs,
        check_specs=[spec for entity in entities for spec in entity_checks(entity)],
        description="Loads what is permitted, counts what is not, purges what is permitted no more, and takes the "
        "delivered files away.",
    )
    def door(home: Home) -> Iterator[dg.MaterializeResult]:
        with retried():
            unread = unread_files(home.settings, load_social(home.settings, as_of=home.moment))
        with home.open(read_only=True) as connection:
            metadata = {table: table_metadata(connection, f"raw.{table}") for table in tables}
            ledgers = {
                entity: books(connection, entity, max_quarantine_share=home.settings.max_quarantine_share)
                for entity in entities
            }
        for table in tables:
            checks = check_results(ledgers[table], unread) if table in ledgers else []
            yield dg.MaterializeResult(asset_key=["raw", table], metadata=metadata[table], check_results=checks)

    return dg.Definitions(assets=[door])
