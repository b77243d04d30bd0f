"""The campaign side for people: what the published marts say, and one flight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from rich.console import Console

from samtykke.publish import marts_file
from samtykke.segments.views import table_of
from samtykke.settings import ConfigurationError, Settings

_QUESTIONS = {
    "readiness": "select * from audience_readiness where {} order by recipient, segment",
    "match_rates": "select * from match_rates where is_latest and {} order by recipient, segment",
    "flights": "select * from flight_plans where is_planned and {} order by campaign, starts_on, recipient, segment",
    "lift": "select * from holdout_lift where {} order by recipient, segment",
}


def read_campaigns(
    settings: Settings, *, recipient: str | None = None, segment: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the published rows of readiness, newest match rates, planned flights and lift.

    Args:
        settings: Whose home.
        recipient: Only this one.
        segment: Only this audience.

    Raises:
        ConfigurationError: Nothing has been published, or by an older version.
    """
    if not marts_file(settings).exists():
        raise ConfigurationError(f"nothing is published in {settings.home}; run first: samtykke run")
    wanted = "(recipient = $1 or $1 is null) and (segment = $2 or $2 is null)"
    found = {}
    with duckdb.connect(str(marts_file(settings)), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'; use marts.marts")
        for name, question in _QUESTIONS.items():
            own = wanted.replace("segment", "audience") if name == "match_rates" else wanted
            own_question = question.replace("segment", "audience") if name == "match_rates" else question
            try:
                rows = connection.execute(own_question.format(own), [recipient, segment])
            except duckdb.CatalogException:
                raise ConfigurationError(
                    "what is published has no campaign side yet; run first: samtykke run"
                ) from None
            names = [column[0] for column in rows.description]
            found[name] = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return found


def print_campaigns(console: Console, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print what ``read_campaigns`` found, a table each."""
    ready = table_of(
        "Enough people?", "recipient", "audience", "may be sent", "expected to match", "needed", "status",
        numbers=("may be sent", "expected to match", "needed"),
    )  # fmt: skip
    for row in found["readiness"]:
        needed = max(row["platform_minimum"], row["business_minimum"])
        ready.add_row(
            row["recipient"], row["segment"], f"{row['addressable']:,}", f"{row['expected_matched']:,}", f"{needed:,}",
            row["status"].replace("_", " "),
        )  # fmt: skip
    rates = table_of(
        "Match rates", "recipient", "audience", "reported", "rate", "range", "its median", "status", "may keep it low",
        numbers=("rate", "its median"),
    )  # fmt: skip
    for row in found["match_rates"]:
        rates.add_row(
            row["recipient"], row["audience"], str(row["report_date"]), _percent(row["rate_mid"]),
            f"{_percent(row['rate_low'])} to {_percent(row['rate_high'])}", _percent(row["trailing_median"]),
            row["status"].replace("_", " "), "; ".join(row["explanation"] or ()),
        )  # fmt: skip
    flights = table_of(
        "Planned flights", "campaign", "recipient", "audience", "from", "days", "ads", "people", "budget", "at least",
        "problems", numbers=("days", "ads", "people", "budget", "at least"),
    )  # fmt: skip
    for row in found["flights"]:
        flights.add_row(
            row["campaign"], row["recipient"], row["segment"], str(row["starts_on"]), str(row["flight_days"]),
            str(row["ads"]), _count(row["people"]), _money(row["budget"], row["currency"]),
            _money(row["minimum_budget"], row["currency"]), _problems(row["problems"]),
        )  # fmt: skip
    lift = table_of(
        "What sending did", "recipient", "audience", "sent", "held out", "bought", "bought, held out", "lift", "95 %",
        "verdict", numbers=("sent", "held out", "bought", "bought, held out", "lift"),
    )  # fmt: skip
    for row in found["lift"]:
        lift.add_row(
            row["recipient"], row["segment"], _count(row["treatment_people"]), _count(row["holdout_people"]),
            _percent(row["treatment_rate"]), _percent(row["holdout_rate"]), _percent(row["lift"]),
            f"{_percent(row['lift_low'])} to {_percent(row['lift_high'])}", row["verdict"].replace("_", " "),
        )  # fmt: skip
    for name, table in (("readiness", ready), ("match_rates", rates), ("flights", flights), ("lift", lift)):
        if found[name]:
            console.print(table, "")
    if not any(found.values()):
        console.print("no such audience")


def print_flight(console: Console, row: Mapping[str, Any]) -> None:
    """Print one flight."""
    table = table_of(f"A flight at {row['recipient']}", "", "")
    currency = row["currency"]
    table.add_row("people in the audience", _count(row["people"]))
    table.add_row(
        "expected to match",
        f"{_count(row['expected_matched'])} ({_percent(row['expected_share'])}, by its {row['basis']})",
    )
    table.add_row("advertisements", str(row["ads"]))
    table.add_row("days", f"{row['flight_days']} ({row['maximum_days']} at most)")
    table.add_row("budget at least", _money(row["minimum_budget"], currency))
    if row["rule_currency"] != currency:
        table.add_row("by the rule", _money(row["minimum_budget_by_rule"], row["rule_currency"]))
    table.add_row(
        "per ad, per day", f"{_money(row['minimum_per_ad'], currency)}, {_money(row['minimum_per_day'], currency)}"
    )
    if row["budget"] is not None:
        table.add_row("planned", _money(row["budget"], currency))
    if row["expected_frequency"] is not None:
        table.add_row(
            "impressions per person", f"{row['expected_frequency']:.1f} ({row['maximum_frequency']:g} at most)"
        )
    table.add_row(
        "of the audience reached", f"{_percent(row['saturation'])} ({_percent(row['maximum_saturation'])} at most)"
    )
    table.add_row("problems", _problems(row["problems"]) or "none")
    console.print(table)


def _problems(problems: Sequence[str]) -> str:
    return ", ".join(problem.replace("_", " ") for problem in problems)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _money(value: float | None, currency: str) -> str:
    return "" if value is None else f"{value:,.2f} {currency}"
