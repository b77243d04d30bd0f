"""The consent ledger: what was landed is appended once, for ever."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.context import Home, retried
from assets.groups import LEDGER, owner
from assets.metadata import source_spec, table_metadata
from samtykke.consent.ledger import append_consent_events


def build_ledger(*, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the asset of the consent ledger."""
    spec = source_spec(
        manifest,
        "ledger",
        "consent_events",
        group=LEDGER,
        owner=owner(LEDGER),
        deps=[dg.AssetKey(["raw", "consent_events"]), dg.AssetKey(["raw", "email_events"])],
    )

    @dg.multi_asset(name="append_consent_events", specs=[spec])
    def ledger(home: Home) -> dg.MaterializeResult:
        with retried(), home.open() as connection:
            result = append_consent_events(connection, home.settings.controller)
            metadata = table_metadata(connection, "ledger.consent_events")
        return dg.MaterializeResult(
            asset_key=spec.key,
            metadata={
                **metadata,
                "appended": result.appended,
                "derived_from_email_signals": result.derived,
                "revised": result.revised,
            },
        )

    return dg.Definitions(assets=[ledger])
