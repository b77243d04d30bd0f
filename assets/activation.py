"""What leaves, and what is owed: the deliveries of each recipient behind the exit gate."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.context import Home
from assets.deliveries import build_deliveries
from assets.warehouse import AFTER_EXPORT
from samtykke.activation import obligations
from samtykke.activation.accounts import declared_accounts
from samtykke.lineage.show import Needs
from samtykke.segments.properties import read_properties
from samtykke.settings import Settings

# What a delivery reads besides the ledger; it refuses audiences that are not of its own run.
_GATE_FOLDERS = (("activation",), ("marts", "activation"))


def build_activation(*, settings: Settings, manifest: Mapping[str, Any], needs: Needs) -> dg.Definitions:
    """Return the deliveries of every recipient with their guards, and the check of what is owed."""
    declared = read_properties(settings.project)
    accounts = declared_accounts(settings)
    deliveries = build_deliveries(
        accounts=accounts,
        segments={
            account.recipient: [item.segment for item in declared if account.recipient in item.destinations]
            for account in accounts
        },
        gate=_gate_keys(manifest),
        needs=needs,
    )

    @dg.asset_check(
        asset=dg.AssetKey(["marts", "obligations"]),
        name="nothing_is_overdue",
        blocking=True,
        description="Every removal and notice that a recipient is owed was made by its due time.",
    )
    def nothing_is_overdue(home: Home) -> dg.AssetCheckResult:
        with home.open(read_only=True) as connection:
            unmet = obligations.unmet(connection, at=home.moment)
        sentence = obligations.overdue_sentence(unmet)
        return dg.AssetCheckResult(
            passed=not sentence,
            description=sentence or f"{len(unmet)} obligations are open, none is overdue",
            metadata={"open": len(unmet), "overdue": sum(one.is_overdue for one in unmet)},
        )

    return dg.Definitions.merge(deliveries, dg.Definitions(asset_checks=[nothing_is_overdue]))


def _gate_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    return [
        dg.AssetKey([node["config"]["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and AFTER_EXPORT not in node["tags"]
        and any(tuple(node["fqn"][1 : 1 + len(folder)]) == folder for folder in _GATE_FOLDERS)
    ]
