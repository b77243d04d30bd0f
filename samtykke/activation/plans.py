"""A plan or a delivery as people and machines read it: what changes at each recipient, what does not, and why."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from samtykke.activation.results import BuildResult


def to_dict(result: BuildResult) -> dict[str, object]:
    """Return one audience's result as plain values: counts and fixed words, never a value of a row."""
    tally = result.tally
    return {
        "recipient": result.recipient,
        "segment": result.segment,
        "transport": result.transport,
        "add": result.added,
        "refresh": result.refreshed,
        "remove": result.removed,
        "remove_reasons": dict(result.removal_reasons),
        "unchanged": result.unchanged,
        "held": result.held,
        "blocked": blocked(result),
        "left_out": dict(result.unusable),
        "batches": result.batches,
        "size_after": result.added + result.unchanged,
        "min_matched": result.min_matched,
        "is_below_floor": is_below_floor(result),
        "build_id": result.build_id,
        "path": result.path and str(result.path),
        "acknowledged_batches": tally and tally.acknowledged,
        "pending_batches": tally and tally.pending,
        "checked_batches": tally and tally.checked,
        "postponed": tally and tally.postponed,
        "rejected": tally and dict(tally.rejected),
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
    if result.problem:
        return "failed"
    if result.is_planned_only:
        return "dry run: nothing was sent"
    if result.tally and result.tally.pending:
        return "sent, not yet answered"
    if not result.added and not result.removed:
        return "nothing to do"
    return "files written" if result.transport == "file" else "sent"


def is_below_floor(result: BuildResult) -> bool:
    """Tell whether even if every row matched the platform would show nobody an advertisement."""
    return 0 < result.added + result.unchanged < result.min_matched


def print_results(console: Console, results: Iterable[BuildResult], *, is_dry: bool) -> None:
    """Print one line per audience, and one per thing worth a reason."""
    table = Table(box=None, pad_edge=False)
    for name in ("recipient", "segment", "via"):
        table.add_column(name)
    for name in ("add", "refresh", "remove", "unchanged", "blocked", "batches"):
        table.add_column(name, justify="right")
    table.add_column("because", overflow="fold")
    changes = 0
    for result in results:
        changes += bool(result.added or result.removed)
        table.add_row(
            result.recipient,
            result.segment,
            result.transport,
            *(
                _signed(sign, number)
                for sign, number in (
                    ("+", result.added - result.refreshed),
                    ("~", result.refreshed),
                    ("-", result.removed),
                    ("", result.unchanged),
                    ("!", sum(blocked(result).values())),
                    ("", result.batches),
                )
            ),
            "; ".join(_reasons(result)),
        )
    console.print(table)
    if is_dry:
        says = "nothing to do" if not changes else f"{changes} audiences would change; nothing was sent or written"
        console.print(f"\nDry run: {says}.", highlight=False)


def _signed(sign: str, number: int) -> str:
    return f"{sign}{number:,}" if number else "."


def _reasons(result: BuildResult) -> list[str]:
    found = [f"-{count:,} {reason}" for reason, count in sorted(result.removal_reasons.items())]
    found += [f"!{count:,} stay: {guard}" for guard, count in blocked(result).items()]
    found += [f"{count:,} left out: {reason}" for reason, count in sorted(result.unusable.items())]
    if is_below_floor(result):
        found.append(f"below the platform's floor of {result.min_matched:,} matched")
    if result.tally:
        found += [f"{result.tally.pending} batches pending"] if result.tally.pending else []
        found += [f"{result.tally.checked} batches checked, not taken"] if result.tally.checked else []
        found += [f"{result.tally.postponed:,} wait: the platform takes no more yet"] if result.tally.postponed else []
        found += [f"{count:,} rejected: {code}" for code, count in sorted(result.tally.rejected.items())]
    return found
