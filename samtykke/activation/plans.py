"""A plan or a delivery as machines read it: what changes at each recipient, what does not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from samtykke.activation.guards import Verdict
from samtykke.activation.results import BuildResult


def to_dict(result: BuildResult, verdicts: Sequence[Verdict] = ()) -> dict[str, object]:
    """Return one audience's result as plain values: counts and fixed words, never a value of a row.

    Args:
        result: The plan or delivery.
        verdicts: What the guards say of it.
    """
    tally = result.tally
    return {
        "recipient": result.recipient,
        "segment": result.segment,
        "transport": result.transport,
        "delivery": manner(result),
        "add": result.added,
        "refresh": result.refreshed,
        "remove": result.removed,
        "remove_reasons": dict(result.removal_reasons),
        "unchanged": result.unchanged,
        "held": result.held,
        "waiting": result.waiting,
        "blocked": blocked(result),
        "left_out": dict(result.unusable),
        "excluded": dict(result.excluded),
        "batches": result.batches,
        "cost": list(result.cost),
        "size_after": size_after(result),
        "min_matched": result.min_matched,
        "is_below_floor": is_below_floor(result),
        "build_id": result.build_id,
        "path": result.path and str(result.path),
        "acknowledged_batches": tally and tally.acknowledged,
        "pending_batches": tally and tally.pending,
        "checked_batches": tally and tally.checked,
        "postponed": tally and tally.postponed,
        "rejected": tally and dict(tally.rejected),
        "match_rate": tally and tally.match_rate,
        "request_ids": tally and list(tally.request_ids),
        "guards": [asdict(one) for one in verdicts],
        "problem": result.problem,
    }


def blocked(result: BuildResult) -> dict[str, int]:
    """Return the rows that do not leave though they are wanted out, by what keeps them."""
    found = {}
    if result.held_back:
        found[result.guard or "guard"] = result.held_back
    if result.unresolved:
        found["content_unknown"] = result.unresolved
    return found


def manner(result: BuildResult) -> str:
    """Say in a word or two how far a delivery went."""
    tally = result.tally
    if result.problem:
        return "failed"
    if result.is_planned_only:
        return "dry run: nothing was sent"
    if tally and tally.checked:
        return "checked by the platform, not taken"
    if tally and tally.pending:
        return "sent, not yet answered"
    if not result.added and not result.removed:
        return "nothing to do"
    return "files written" if result.transport == "file" else "sent"


def size_after(result: BuildResult) -> int:
    """Return how many rows the recipient holds once everything has arrived, those that stay for a guard included."""
    return result.added + result.unchanged + sum(blocked(result).values())


def is_below_floor(result: BuildResult) -> bool:
    """Tell whether even if every row matched the platform would show nobody an advertisement."""
    return 0 < result.added + result.unchanged < result.min_matched
