"""How the answer to "one person or two?" looks on a terminal."""

from __future__ import annotations

from rich.console import Console

from samtykke.explain.show import short, table
from samtykke.identity.explain import Answer


def print_answer(console: Console, answer: Answer) -> None:
    """Print the verdict, then the records between, or the reasons; identifiers by kind and the end of their key."""
    if not answer.is_same:
        known = all(answer.people)
        console.print("[bold]Two people[/]." if known else "[bold]Not one person[/].", highlight=False)
        for side, people in zip(("A", "B"), answer.people, strict=True):
            console.print(f"{side}: {', '.join(people) or 'nobody known'}", style="dim", highlight=False)
        for reason in answer.reasons:
            subject = short(reason.identifier_kind, reason.identifier_key)
            console.print(f"{subject}: {reason.says}" if subject else reason.says, highlight=False)
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
