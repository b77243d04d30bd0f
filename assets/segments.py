"""What the segments declare: recorded before the models that read it, checked once the segments are built."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.context import Home
from assets.groups import ACTIVATION, owner
from assets.metadata import source_spec, table_metadata
from samtykke.segments.record import refresh_segment_properties
from samtykke.segments.sizes import measure_segments

SIZE_CHECK = "segments_keep_their_size"
_TABLES = ("segment_properties", "segment_destinations")


def build_segments(*, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the declarations of the segments, and the check of their size and of their change since last time."""
    specs = {
        table: source_spec(manifest, "lineage", table, group=ACTIVATION, owner=owner(ACTIVATION)) for table in _TABLES
    }

    @dg.multi_asset(name="read_segment_declarations", specs=list(specs.values()))
    def declarations(home: Home):
        refresh_segment_properties(home.settings)
        with home.open(read_only=True) as connection:
            for table, spec in specs.items():
                yield dg.MaterializeResult(asset_key=spec.key, metadata=table_metadata(connection, f"lineage.{table}"))

    # A warning, never a stop: a night that stops takes nobody back from the recipients either.
    @dg.asset_check(
        asset=dg.AssetKey(["marts", "segment_members"]),
        name=SIZE_CHECK,
        additional_deps=[specs["segment_properties"].key],
        description="Minimum size and maximum daily change, as each segment declares them.",
    )
    def sizes(home: Home) -> dg.AssetCheckResult:
        measured = measure_segments(home.settings)
        said = [f"{item.segment}: {problem}" for item in measured for problem in item.problems]
        return dg.AssetCheckResult(
            passed=not said,
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(said) or "every segment keeps what it declares",
            metadata={item.segment: item.people for item in measured},
        )

    return dg.Definitions(assets=[declarations], asset_checks=[sizes])
