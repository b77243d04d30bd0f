"""What Dagster shows of a delivery: counts, names, request ids; never an identifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from samtykke.activation.guards import Verdict, of_audience, of_recipient
from samtykke.activation.plans import blocked, manner
from samtykke.activation.results import BuildResult
from samtykke.settings import Settings

# Metadata of a recipient: one row per audience.
AUDIENCES = "audiences"
# Metadata of whatever is delivered: what its guards said, for the step that reports them.
GUARDS = "guards"
_COUNTS = (
    "added", "removed", "refreshed", "unchanged", "rejected", "held_back", "waiting", "to_add", "to_remove",
)  # fmt: skip
_REQUEST_IDS = 20


def audience_metadata(result: BuildResult, settings: Settings) -> dict[str, Any]:
    """Return what is shown of one audience."""
    tally = result.tally
    shown: dict[str, Any] = {
        "delivery": manner(result),
        **({"problem": result.problem} if result.problem else {}),
        "environment": settings.environment,
        **_counts(result),
        "minimum_matched": result.min_matched,
    }
    if result.removal_reasons:
        shown["removed_because"] = dg.MetadataValue.json(dict(result.removal_reasons))
    if result.unusable:
        shown["identifiers_left_out"] = dg.MetadataValue.json(dict(result.unusable))
    if result.build_id:
        shown["build_id"] = result.build_id
    if result.path:
        shown["files"] = dg.MetadataValue.path(result.path)
    if tally:
        shown["batches_acknowledged"] = tally.acknowledged
        shown["batches_pending"] = tally.pending
        if tally.match_rate is not None:
            shown["match_rate"] = round(tally.match_rate, 4)
        if tally.rejected:
            shown["rejected_because"] = dg.MetadataValue.json(tally.rejected)
        if tally.request_ids:
            more = len(tally.request_ids) - _REQUEST_IDS
            known = tally.request_ids[:_REQUEST_IDS] + ([f"and {more} more in the ledger"] if more > 0 else [])
            shown["request_ids"] = dg.MetadataValue.json(known)
    shown[GUARDS] = _verdict_table(of_audience(result, max_removal_share=settings.max_removal_share))
    return shown


def recipient_metadata(results: Sequence[BuildResult], settings: Settings) -> dict[str, Any]:
    """Return what is shown of a recipient: its audiences as a table, and their sums."""
    records = [
        dg.TableRecord(
            {
                "segment": result.segment,
                "delivery": manner(result),
                **_counts(result),
                "build_id": result.build_id,
                "problem": result.problem,
            }
        )
        for result in results
    ]
    columns = [
        dg.TableColumn("segment", "string"),
        dg.TableColumn("delivery", "string", description="How far it went."),
        *(dg.TableColumn(name, "int") for name in _COUNTS),
        dg.TableColumn("build_id", "string", description="Empty: nothing to do."),
        dg.TableColumn("problem", "string"),
    ]
    sums = {name: sum(_counts(result)[name] for result in results) for name in _COUNTS}
    return {
        "environment": settings.environment,
        AUDIENCES: dg.MetadataValue.table(records, dg.TableSchema(columns=columns)),
        **sums,
        "builds": sum(result.build_id is not None for result in results),
        GUARDS: _verdict_table(of_recipient(results)),
    }


def needs_table(needs: Mapping[str, Mapping[str, list[str]] | None]) -> dg.TableMetadataValue:
    """Return the purposes that each segment of a recipient needs."""
    records = [
        dg.TableRecord({"segment": segment, "needs": ", ".join(own or ()) or "cannot be derived: nobody leaves"})
        for segment, own in needs.items()
    ]
    columns = [
        dg.TableColumn("segment", "string"),
        dg.TableColumn("needs", "string", description="Besides the recipient's own purpose."),
    ]
    return dg.MetadataValue.table(records, dg.TableSchema(columns=columns))


def verdicts_of(event: Any) -> list[Verdict]:
    """Read back what the guards said of a delivery; nothing where it never ran."""
    metadata = event.asset_materialization.metadata if event else {}
    return [Verdict(**record.data) for record in metadata[GUARDS].records] if GUARDS in metadata else []


def _counts(result: BuildResult) -> dict[str, int]:
    """What happened, and nothing of what was only planned."""
    tally = result.tally
    added, refreshed, removed = result.added - result.refreshed, result.refreshed, result.removed
    if result.is_planned_only:
        added = refreshed = removed = 0
    elif result.problem and result.transport != "file":
        added, refreshed, removed = (tally.taken["add"], 0, tally.taken["remove"]) if tally else (0, 0, 0)
    elif tally and tally.checked:
        added = refreshed = removed = 0
    elif tally and tally.postponed:
        added = refreshed = 0
    return {
        "added": added,
        "removed": removed,
        "refreshed": refreshed,
        "unchanged": result.unchanged,
        "rejected": sum(tally.rejected.values()) if tally else 0,
        "held_back": sum(blocked(result).values()),
        "waiting": result.waiting + (tally.postponed if tally else 0),
        "to_add": result.added + result.waiting,
        "to_remove": result.removed + sum(blocked(result).values()),
    }


def _verdict_table(verdicts: Sequence[Verdict]) -> dg.TableMetadataValue:
    records = [
        dg.TableRecord({"guard": one.guard, "passed": one.passed, "says": one.says, "is_error": one.is_error})
        for one in verdicts
    ]
    columns = [
        dg.TableColumn("guard", "string"),
        dg.TableColumn("passed", "bool"),
        dg.TableColumn("says", "string"),
        dg.TableColumn("is_error", "bool", description="It stops the delivery; else it is shown only."),
    ]
    return dg.MetadataValue.table(records, dg.TableSchema(columns=columns))
