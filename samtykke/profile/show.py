"""A profile for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from samtykke.explain.show import moment, table
from samtykke.profile.lookup import Profile
from samtykke.profile.timeline import Touch


def print_profile(console: Console, profile: Profile, timeline: Sequence[Touch]) -> None:
    """Print what is known of a person, group by group, and the newest of what happened."""
    console.print(f"person {profile.person_id} · as of {profile.as_of} UTC", style="dim", highlight=False)
    known = table("group", "what", "value")
    for group, values in profile.groups.items():
        if group in profile.masked:
            known.add_row(group, "[yellow]masked[/]", profile.masked[group])
            continue
        for number, (name, value) in enumerate(values.items()):
            known.add_row(group if number == 0 else "", name.replace("_", " "), _said(value))
    console.print(known)
    if not timeline:
        console.print("Timeline: nothing that may be shown.")
        return
    touches = table("when (UTC)", "what", "by", "channel", "source", "detail", "under", title="Timeline, newest first")
    for touch in timeline:
        touches.add_row(
            moment(touch.occurred_at), touch.kind.replace("_", " "), touch.direction or "", touch.channel or "",
            touch.source or "", touch.detail or "", touch.purpose,
        )  # fmt: skip
    console.print(touches)


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "none"
    return str(value)
