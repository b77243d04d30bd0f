"""Say in a page what bench/audiences.py measured; every figure is from its results."""

from __future__ import annotations

from collections.abc import Mapping


def report(results: Mapping[str, dict]) -> str:
    """Return the results as Markdown: what was drawn, the first day, the next, the fast lane."""
    ratios, drawn, low, high = results["ratios"], results["drawn"], *results["load"]
    reference = results["reference"]["cpu"]
    both = results["models"]["cpu"] + results["export"]["cpu"]
    lines = [
        f"# Audiences and the fast lane: {results['people']:,} people",
        "",
        f"Written by `bench/audiences.py --people {results['people']}`. {drawn['events']:,} consent events,",
        f"{drawn['segment_members']:,} members of ten segments, five recipients, 50 audiences,",
        f"{results['rows']:,} rows that left. The files equal the reference's, row for row.",
        f"{results['threads']} threads; the machine's load was {low} to {high}, so CPU seconds count.",
        "",
        "| first day | CPU s | wall s | peak MB | of the reference |",
        "|---|---|---|---|---|",
        _row("reference: hash and write by hand", results["reference"], reference),
        _row("models of the exit gate, through dbt", results["models"], reference),
        _row("export: files, difference, ledger with its hash chain", results["export"], reference),
        f"| models and export | {both:.1f} | | | {both / reference:.1f} |",
        "",
        f"The export takes {ratios['export, CPU seconds per 100,000 rows that left']:.1f} CPU seconds per 100,000 rows "
        "that left.",
        "",
    ]
    if "export_next" in results:
        lines += _next_day(results)
    lines += [
        "| fast lane: 1,000 withdrawals in a file | wall s | CPU s | rows taken back |",
        "|---|---|---|---|",
        *(
            f"| {name.replace('_', ' ')} | {part['wall']:.1f} | {part['cpu']:.1f} | {part['rows_removed']:,} |"
            for name, part in results["fast_lane"].items()
        ),
        "",
        "From the start of the process of `samtykke withdrawals` to the last acknowledged removal. Of `next file`: "
        + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in results["fast_lane"]["next_file"]["seconds"].items())
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _next_day(results: Mapping[str, dict]) -> list[str]:
    drawn, export = results["drawn_next"], results["export_next"]
    parts = {"models of the exit gate, through dbt": "models", "export": "export"}
    first = sum(results[part]["cpu"] for part in parts.values())
    following = sum(results[f"{part}_next"]["cpu"] for part in parts.values())
    return [
        f"The next day {drawn['people_with_other_consent']:,} people changed their consent, {drawn['members_left']:,} "
        f"members left a segment and {drawn['members_joined']:,} came:",
        f"{export['removed']:,} rows taken out, {export['added']:,} put in, {export['unchanged']:,} left as they were.",
        "",
        "| next day | CPU s | wall s | of the first day |",
        "|---|---|---|---|",
        *(
            f"| {name} | {results[f'{part}_next']['cpu']:.1f} | {results[f'{part}_next']['wall']:.1f} "
            f"| {results[f'{part}_next']['cpu'] / results[part]['cpu']:.0%} |"
            for name, part in parts.items()
        ),
        f"| both | {following:.1f} | | {following / first:.0%} |",
        "",
    ]


def _row(name: str, part: Mapping[str, float], reference: float) -> str:
    return f"| {name} | {part['cpu']:.1f} | {part['wall']:.1f} | {part['peak_mb']:,} | {part['cpu'] / reference:.1f} |"
