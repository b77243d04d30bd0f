"""Say in a page what bench/web.py measured; every figure is from its results."""

from __future__ import annotations

from collections.abc import Mapping

DEAREST = 6


def report(results: Mapping[str, dict]) -> str:
    """Return the results as Markdown: everything, one more day, and what took most of either."""
    ratios, again, day, plain = results["ratios"], results["again"], results["day"], results["reference"]
    times = ratios["clicks and visits: SQL / plain sessionise"]
    return "\n".join(
        [
            f"# {results['clicks']:,} clicks of 90 days, and one day more",
            "",
            f"Written by `bench/web.py --clicks {results['clicks']}`. The day brings {results['brought']:,} clicks, "
            f"{results['deliver']['of_earlier_days']:,} of them of earlier days.",
            "Every table of visits after it equals a build from scratch, row for row. CPU seconds; `SQL` is what",
            "DuckDB took of a dbt run, as in the [README](../README.md).",
            "",
            "| | SQL | whole dbt run | peak MB |",
            "|---|---|---|---|",
            _row("everything (91 days)", again),
            _row("one more day", day),
            f"| **one more day / everything (goal of the whole night: at most 8 %)** "
            f"| **{ratios['one more day: SQL / SQL of everything']:.0%}** "
            f"| {ratios['one more day: dbt run / dbt run of everything']:.0%} | |",
            f"| a plain statement that finds visits | {plain['cpu']} | | {plain['peak_mb']} |",
            "",
            f"Clicks and visits take {times:.1f} times the plain statement, which keeps a row per visit and no click.",
            "",
            "| of everything | SQL | of one more day | SQL |",
            "|---|---|---|---|",
            *(
                f"| {name} | {cpu} | {other} | {less} |"
                for (name, cpu), (other, less) in zip(_dearest(again), _dearest(day), strict=True)
            ),
            "",
        ]
    )  # fmt: skip


def _row(name: str, part: Mapping) -> str:
    return f"| {name} | {part['sql_cpu']} | {part['cpu']} | {part['peak_mb']} |"


def _dearest(part: Mapping) -> list[tuple[str, float]]:
    return list(part["models"].items())[:DEAREST]
