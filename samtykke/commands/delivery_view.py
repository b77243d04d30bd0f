"""A plan or a delivery on a terminal: recipient by recipient, removals first, a reason for every number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from samtykke.activation.guards import Verdict
from samtykke.activation.plans import blocked, is_below_floor, manner, size_after
from samtykke.activation.results import BuildResult

_STAYS = {
    "mass_removal": "too many left the segment at once",
    "source_empty": "what the segment reads is empty",
    "content_unknown": "what was sent of them is known no more",
}


def print_results(
    console: Console, results: Iterable[BuildResult], *, is_dry: bool, verdicts: Mapping[str, Sequence[Verdict]] = {}
) -> None:
    """Print what changes per audience with its reasons; audiences to which nothing happens in one line.

    Args:
        console: Where to.
        results: In order of recipient.
        is_dry: Nothing was written or sent.
        verdicts: What the guards say, by recipient or audience.
    """
    changes = 0
    for recipient, group in groupby(results, key=lambda result: result.recipient):
        own = list(group)
        moved = [result for result in own if _is_worth_a_line(result)]
        changes += sum(bool(result.added or result.removed) for result in own)
        _print_recipient(console, recipient, moved, [one for one in own if one not in moved])
        for name in (recipient, *(result.audience for result in own)):
            for verdict in verdicts.get(name, ()):
                if not verdict.passed:
                    mark = "stops" if verdict.is_error else "note"
                    _say(console, f"  {mark:<5} {name}: {verdict.says}", "red" if verdict.is_error else "yellow")
    if is_dry:
        says = "nothing to do" if not changes else f"{changes} audiences would change; nothing was sent or written"
        console.print(f"\nDry run: {says}.", highlight=False)


def _print_recipient(console: Console, recipient: str, moved: list[BuildResult], still: list[BuildResult]) -> None:
    _say(console, f"\n{recipient}  (by {'/'.join(sorted({one.transport for one in [*moved, *still]}))})", "bold")
    if moved:
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        table.add_column("  segment")
        for name in ("remove", "add", "refresh", "unchanged", "stay", "wait", "now", "after"):
            table.add_column(name, justify="right")
        table.add_column("")
        for result in moved:
            numbers = (
                _signed("-", result.removed),
                _signed("+", result.added - result.refreshed),
                _signed("~", result.refreshed),
                _signed("=", result.unchanged),
                _signed("!", sum(blocked(result).values())),
                _signed("…", result.waiting),
                f"{result.held:,}",
                f"{size_after(result):,}",
            )
            table.add_row(f"  {result.segment}", *numbers, "" if result.is_planned_only else manner(result))
        console.print(table)
        for result in moved:
            for line in _reasons(result):
                _say(console, f"    {result.segment}: {line}", "dim")
    if still:
        names = ", ".join(f"{one.segment} ({one.unchanged:,})" for one in still)
        _say(console, f"  unchanged: {names}", "dim")


def _is_worth_a_line(result: BuildResult) -> bool:
    is_told = result.problem or (result.tally and (result.tally.pending or result.tally.rejected))
    return bool(result.added or result.removed or result.waiting or blocked(result) or is_told)


def _reasons(result: BuildResult) -> list[str]:
    found = [f"-{count:,} {_words(reason)}" for reason, count in sorted(result.removal_reasons.items())]
    found += [f"!{count:,} stay: {_STAYS.get(guard, _words(guard))}" for guard, count in blocked(result).items()]
    if result.excluded:
        found.append(f"in the segment, not sent: {_counted(result.excluded)}")
    if result.unusable:
        found.append(f"identifiers left out: {_counted(result.unusable)}")
    if is_below_floor(result):
        found.append(f"below the platform's floor of {result.min_matched:,} matched people")
    found += [f"cost: {'; '.join(result.cost)}"] if result.cost else []
    if tally := result.tally:
        if tally.rejected:
            found.append(f"not taken: {_counted(tally.rejected)}")
        found += [f"{tally.pending} batches are with the platform"] if tally.pending else []
        found += [f"{tally.checked} batches checked, not taken"] if tally.checked else []
        found += [f"{tally.postponed:,} wait: the platform takes no more yet"] if tally.postponed else []
    return found


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {_words(reason)}" for reason, count in sorted(counts.items(), key=lambda one: -one[1]))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _signed(sign: str, number: int) -> str:
    return f"{sign}{number:,}" if number else "."


def _say(console: Console, text: str, style: str) -> None:
    console.print(Text(text, style=style), soft_wrap=True)
