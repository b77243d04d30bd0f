"""Purpose lineage: labels held against the SQL before anything is built, and what every segment needs, shown."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DbtProject

from assets.context import Home
from assets.groups import ACTIVATION, CONSENT, owner
from assets.metadata import source_spec, table_metadata
from samtykke.lineage.record import check_home, refresh_lineage
from samtykke.lineage.show import Needs, needs_by_segment, needs_sentence
from samtykke.settings import Settings

LABELS_CHECK = "every_label_holds"
_TABLES = {"columns": CONSENT, "segment_purposes": ACTIVATION}


def lineage_key() -> dg.AssetKey:
    """The table that stands for the check: what reads people's data is built behind it."""
    return dg.AssetKey(["lineage", "columns"])


def segment_needs(settings: Settings, project: DbtProject) -> Needs:
    """Return what every segment needs by the project as it is; a segment that cannot be derived is left out."""
    return needs_by_segment(check_home(settings, project.manifest_path).uses)


def needs_metadata(needs: Mapping[str, list[str]] | None) -> dict[str, Any]:
    """What Dagster shows at a segment."""
    return {
        "derived_purposes": ", ".join(needs or ()) or "none can be derived",
        "derived_from": dg.MetadataValue.md(needs_sentence(needs)),
    }


def build_lineage(*, project: DbtProject, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the tables of the lineage and the check that stops a night whose labels do not hold."""
    specs = {
        table: source_spec(manifest, "lineage", table, group=group, owner=owner(group))
        for table, group in _TABLES.items()
    }
    check = dg.AssetCheckSpec(
        LABELS_CHECK,
        asset=lineage_key(),
        blocking=True,
        description="Every column is labelled and none is widened; every segment's purposes can be derived; no way "
        "to an export goes round the gate.",
    )

    @dg.multi_asset(name="derive_segment_purposes", specs=list(specs.values()), check_specs=[check])
    def lineage(home: Home) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        report = refresh_lineage(home.settings, project.manifest_path)
        with home.open(read_only=True) as connection:
            for table, spec in specs.items():
                yield dg.MaterializeResult(asset_key=spec.key, metadata=table_metadata(connection, f"lineage.{table}"))
        yield dg.AssetCheckResult(
            asset_key=lineage_key(),
            check_name=LABELS_CHECK,
            passed=not report.problems,
            severity=dg.AssetCheckSeverity.ERROR,
            description="\n".join(report.problems) or f"{len(report.columns)} columns hold",
            metadata={
                "columns": len(report.columns),
                "problems": len(report.problems),
                "segments": len({use.segment for use in report.uses}),
            },
        )

    return dg.Definitions(assets=[lineage])
