"""Who may be one person although no identifier says so: compared behind the vault's boundary, decided by the models."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.context import Home, retried
from assets.groups import DOOR, owner
from assets.metadata import source_spec, table_metadata
from samtykke.identity.likeness.records import compare_records

_NEEDS = [
    dg.AssetKey(["raw", "contacts"]),
    dg.AssetKey(["staging", "stg_crm__contacts"]),
    dg.AssetKey(["intermediate", "int_consent__permissions"]),
    dg.AssetKey(["intermediate", "int_consent__denials"]),
]


def build_likeness(*, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the asset of the pairs that may be one person's."""
    spec = source_spec(manifest, "likeness", "record_pairs", group=DOOR, owner=owner(DOOR), deps=_NEEDS)

    @dg.multi_asset(name="compare_records", specs=[spec])
    def pairs(home: Home) -> dg.MaterializeResult:
        with retried(), home.open(vault=True) as connection:
            compared = compare_records(connection, home.settings)
            metadata = table_metadata(connection, "ledger.record_pairs")
        return dg.MaterializeResult(
            asset_key=spec.key,
            metadata={**metadata, "records": compared.records, "new_or_changed": compared.fresh},
        )

    return dg.Definitions(assets=[pairs])
