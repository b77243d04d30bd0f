"""How the answer to "one person or two?" looks on a terminal."""

from __future__ import annotations

from rich.console import Console

from samtykke.explain.show import short, table
from samtykke.identity.explain import Answer
from samtykke.identity.history import Event
from samtykke.identity.likeness.waterfall import TITLES, Likeness
from samtykke.identity.reviews import Pair


def print_answer(console: Console, answer: Answer) -> None:
    """Print verdict and why, for the purpose too, and what happened; identifiers by kind and the end of their key."""
    _print_verdict(console, answer)
    if answer.for_purpose:
        verdict = "One person" if answer.for_purpose.is_one else "Not one person"
        console.print(
            f"\n[bold]{verdict} for {answer.for_purpose.purpose}[/]: {answer.for_purpose.says}", highlight=False
        )
    _print_history(console, answer.history)


def _print_history(console: Console, events: tuple[Event, ...]) -> None:
    """Print what happened to the people, oldest first."""
    if not events:
        return
    rows = table("on", "person", "what", "records", "because")
    for event in events:
        rows.add_row(event.as_of[:10], event.person_id, event.says, str(event.records), event.because)
    console.print()
    console.print(rows)


def _print_verdict(console: Console, answer: Answer) -> None:
    if not answer.is_same:
        known = all(answer.people)
        console.print("[bold]Two people[/]." if known else "[bold]Not one person[/].", highlight=False)
        for side, people in zip(("A", "B"), answer.people, strict=True):
            console.print(f"{side}: {', '.join(people) or 'nobody known'}", style="dim", highlight=False)
        for reason in answer.reasons:
            subject = short(reason.identifier_kind, reason.identifier_key)
            console.print(f"{subject}: {reason.says}" if subject else reason.says, highlight=False)
        _print_likenesses(console, answer.likenesses)
        return
    both = [person for person in answer.people[0] if person in answer.people[1]]
    console.print(f"[bold]One person[/]: {', '.join(both)}", highlight=False)
    rows = table("record", "of", "first seen", "also names")
    for step in answer.steps:
        rows.add_row(
            step.entity, step.source, step.first_seen_at[:19], short(step.identifier_kind, step.identifier_key)
        )
    if answer.steps:
        console.print(rows)
    _print_likenesses(console, answer.likenesses)


def _print_likenesses(console: Console, found: tuple[Likeness, ...]) -> None:
    """Print a waterfall per pair of records: what each column adds, in bits, and what they come to."""
    for likeness in found:
        title = "[bold]{} and {}[/]".format(*likeness.sources)
        console.print(f"\n{title}, pair {likeness.pair_key[:8]}: {likeness.says}", highlight=False)
        rows = table("says", "how", "bits", "")
        for bar in likeness.bars:
            length = "█" * min(round(abs(bar.bits)), 40)
            colour = "green" if bar.bits >= 0 else "red"
            rows.add_row(
                TITLES.get(bar.comparison, bar.comparison), bar.level, f"{bar.bits:+.1f}", f"[{colour}]{length}[/]"
            )
        rows.add_row("together", "", f"{likeness.match_weight:+.1f}", "")
        console.print(rows)


def print_pairs(console: Console, pairs: list[Pair]) -> None:
    """Print pairs of records that may be one person's."""
    if not pairs:
        console.print("No pairs of records.", highlight=False)
        return
    rows = table("pair", "of", "and", "bits", "decision", "reason")
    for pair in pairs:
        rows.add_row(
            pair.pair_key[:8], pair.source, pair.other_source, f"{pair.match_weight:+.1f}", pair.decision,
            pair.reason or pair.reviewed_by or "",
        )  # fmt: skip
    console.print(rows)
