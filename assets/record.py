"""What a night leaves behind on the ledger, once it is told of: the audiences' figures and the arms of hold-outs."""

import dagster as dg

from assets.context import Home, retried
from assets.groups import LEDGER, owner
from samtykke.campaign.nights import record_night

_READS = ("audience_arms", "audience_tonight", "export_gate")


def build_record() -> dg.Definitions:
    """Return the asset that records the night; the next one reads it (``audience_health``, ``holdout_lift``)."""

    @dg.asset(
        key=["ledger", "audience_record"],
        deps=[dg.AssetKey(["activation", name]) for name in _READS],
        description="Tonight's figures of every audience, and who was drawn for which arm of a hold-out.",
        group_name=LEDGER,
        owners=[owner(LEDGER)],
        kinds={"python", "duckdb"},
    )
    def audience_record(home: Home) -> dg.MaterializeResult:
        with retried(), home.open() as connection:
            recorded = record_night(connection)
        return dg.MaterializeResult(metadata={"recorded": recorded.audiences, "people_drawn": recorded.people})

    return dg.Definitions(assets=[audience_record])
