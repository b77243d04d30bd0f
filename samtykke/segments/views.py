"""Segments for people: tables of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from rich.console import Console
from rich.table import Table

from samtykke.segments.previewed import Preview
from samtykke.segments.properties import SegmentProperties


def properties_dict(item: SegmentProperties) -> dict[str, object]:
    """Return what a segment declares for JSON."""
    return {**asdict(replace(item, who=None)), "who": item.who.plain if item.who else None}


def print_segments(console: Console, declared: Sequence[SegmentProperties]) -> None:
    """Print one line per segment."""
    table = table_of("Segments", "segment", "title", "owner", "destinations", "properties")
    for item in declared:
        table.add_row(item.segment, item.title, item.owner, ", ".join(item.destinations), _notable(item))
    console.print(table)


def print_preview(console: Console, preview: Preview) -> None:
    """Print a preview: the size, what it needs, whom it shares, and the way to each recipient's file."""
    change = "new" if preview.before is None else f"{preview.before:,} the last night"
    console.print(f"{preview.segment}: {preview.people:,} people ({change}), on the tables of {preview.as_of} UTC\n")
    needs = table_of("Needed of everybody in it", "purpose", "for")
    for purpose, columns in preview.purposes.items():
        needs.add_row(purpose, ", ".join(columns))
    console.print(needs, "")
    overlaps = table_of("Overlap", "segment", "people", "both", "jaccard", numbers=("people", "both", "jaccard"))
    for other in preview.overlaps:
        share = "" if other.jaccard is None else f"{other.jaccard:.3f}"
        overlaps.add_row(other.segment, f"{other.people:,}", f"{other.both:,}", share)
    console.print(overlaps, "")
    for waterfall in preview.waterfalls:
        steps = table_of(f"To {waterfall.recipient}", "step", "people", "lost", "reason", numbers=("people", "lost"))
        for step in waterfall.steps:
            steps.add_row(step.step, f"{step.people:,}", f"{step.dropped:,}" if step.dropped else "", step.reason or "")
        console.print(steps)
        console.print(
            f"expected to match {waterfall.expected_matched:,} "
            f"({waterfall.expected_low:,} to {waterfall.expected_high:,}, by its {waterfall.basis}); "
            f"the recipient asks for {waterfall.minimum_matched:,}, we for {waterfall.business_minimum:,}: "
            f"{waterfall.status.replace('_', ' ')}"
        )
        console.print(f"{waterfall.suggestion}\n" if waterfall.suggestion else "")


def _notable(item: SegmentProperties) -> str:
    """What differs from the defaults, in words."""
    told = [
        item.who is not None and "compiled",
        item.ttl_days and f"lives {item.ttl_days} days",
        item.holdout_share and f"holds out {item.holdout_share:.4g}",
        item.exclusive_group and f"group {item.exclusive_group}, priority {item.priority}",
        item.cap_count and f"cap {item.cap_count} in {item.cap_days} days",
        item.hold_below_floor and "waits for the floor",
        item.minimum_size and f"at least {item.minimum_size} people",
        item.maximum_daily_change is not None and f"changes {item.maximum_daily_change:.4g} at most",
    ]
    return ", ".join(text for text in told if text)


def table_of(title: str, *columns: str, numbers: Sequence[str] = ()) -> Table:
    """A table in the house style; ``numbers`` are set to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left")
    return table
