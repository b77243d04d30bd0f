"""What leaves: the audience files of each recipient."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from assets.context import Home, retried
from assets.groups import EXPORTS, owner
from assets.warehouse import AFTER_EXPORT
from samtykke.activation import obligations
from samtykke.activation.export import BuildResult, export_all
from samtykke.lineage.show import Needs
from samtykke.segments.properties import read_properties, used_recipients
from samtykke.settings import Settings

# Metadata of an export asset: one row per audience.
AUDIENCES = "audiences"
# What the export step reads besides the ledger; it refuses audiences that are not of its own run.
_GATE_FOLDERS = (("activation",), ("marts", "activation"))


def build_activation(*, settings: Settings, manifest: Mapping[str, Any], needs: Needs) -> dg.Definitions:
    """Return one export asset per recipient; each shows what its segments need."""
    recipients = used_recipients(settings.project)
    segments = {
        recipient: [item.segment for item in read_properties(settings.project) if recipient in item.destinations]
        for recipient in recipients
    }
    gate = _gate_keys(manifest)

    @dg.multi_asset(
        name="export_audiences",
        specs=[
            _export_spec(recipient, gate, {name: needs.get(name) for name in segments[recipient]})
            for recipient in recipients
        ],
        description="What should be at each recipient against what the ledger says is there, as files.",
    )
    def exports(home: Home) -> Iterator[dg.MaterializeResult]:
        with retried():
            results = export_all(home.settings, as_of=home.moment)
        for recipient in recipients:
            own = [result for result in results if result.recipient == recipient]
            yield dg.MaterializeResult(asset_key=export_key(recipient), metadata=_export_metadata(own))

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

    return dg.Definitions(assets=[exports], asset_checks=[nothing_is_overdue])


def export_key(recipient: str) -> dg.AssetKey:
    return dg.AssetKey(["exports", recipient])


def _gate_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    return [
        dg.AssetKey([node["config"]["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and AFTER_EXPORT not in node["tags"]
        and any(tuple(node["fqn"][1 : 1 + len(folder)]) == folder for folder in _GATE_FOLDERS)
    ]


def _export_spec(
    recipient: str, gate: list[dg.AssetKey], needs: Mapping[str, Mapping[str, list[str]] | None]
) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=export_key(recipient),
        deps=[*gate, dg.AssetKey(["marts", "customer_profile"])],
        description=f"Audience files for {recipient}: what to add and to remove since the last acknowledged build.",
        group_name=EXPORTS,
        owners=[owner(EXPORTS)],
        kinds={"python", "csv"},
        metadata={"derived_purposes": _needs_table(needs)},
    )


def _needs_table(needs: Mapping[str, Mapping[str, list[str]] | None]) -> dg.TableMetadataValue:
    records = [
        dg.TableRecord({"segment": segment, "needs": ", ".join(own or ()) or "cannot be derived: nobody leaves"})
        for segment, own in needs.items()
    ]
    columns = [
        dg.TableColumn("segment", "string"),
        dg.TableColumn("needs", "string", description="Besides the recipient's own purpose."),
    ]
    return dg.MetadataValue.table(records, dg.TableSchema(columns=columns))


def _export_metadata(results: list[BuildResult]) -> dict[str, Any]:
    records = [
        dg.TableRecord(
            {
                "segment": result.segment,
                "added": result.added,
                "removed": result.removed,
                "unchanged": result.unchanged,
                "build_id": result.build_id,
            }
        )
        for result in results
    ]
    columns = [
        dg.TableColumn("segment", "string"),
        *(dg.TableColumn(name, "int") for name in ("added", "removed", "unchanged")),
        dg.TableColumn("build_id", "string", description="Empty: nothing to do."),
    ]
    return {
        AUDIENCES: dg.MetadataValue.table(records, dg.TableSchema(columns=columns)),
        "added": sum(result.added for result in results),
        "removed": sum(result.removed for result in results),
        "builds": sum(result.build_id is not None for result in results),
    }
