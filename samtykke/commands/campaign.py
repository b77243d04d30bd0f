"""``samtykke campaign``: are audiences ready, how well do they match, and what does a flight cost at least."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from samtykke.commands.console import HomeOption, JsonOption, fail, one_line_errors, out, print_json
from samtykke.outcome import ExitCode
from samtykke.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Plan campaigns: readiness, match rates, flights and what sending did.")


@app.command("show")
@one_line_errors
def show(
    recipient: Annotated[str | None, typer.Option("--recipient", help="Only this recipient.")] = None,
    segment: Annotated[str | None, typer.Option("--segment", help="Only this audience.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show readiness, match rates, planned flights and lift as the last night published them."""
    from samtykke.campaign.shown import print_campaigns, read_campaigns

    found = read_campaigns(load_settings(home=home), recipient=recipient, segment=segment)
    if as_json:
        print_json(found)
    else:
        print_campaigns(out, found)


@app.command("plan")
@one_line_errors
def plan(
    recipient: Annotated[str, typer.Option("--recipient", help="Where it runs.")],
    ads: Annotated[int, typer.Option("--ads", min=1, help="Advertisements.")] = 1,
    segment: Annotated[
        str | None, typer.Option("--segment", help="Its audience, as the last night counted it.")
    ] = None,
    people: Annotated[int | None, typer.Option("--people", min=0, help="Or how many people it is for.")] = None,
    budget: Annotated[float | None, typer.Option("--budget", min=0, help="What may be spent.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of the budget. [default: the rule's]")] = None,
    starts_on: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day. [default: today]")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, help="How long it runs.")] = 7,
    impressions: Annotated[int | None, typer.Option("--impressions", min=0, help="Impressions planned.")] = None,
    reach: Annotated[
        int | None, typer.Option("--reach", min=0, help="People expected to see one. [default: all who match]")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a flight costs at least and what is wrong with it; ends with 1 if something is."""
    from samtykke.campaign.flights import Flight, plan_flight
    from samtykke.campaign.shown import print_flight

    if (segment is None) == (people is None):
        fail("name an audience (--segment) or a number of people (--people)")
    today = datetime.now(UTC).replace(tzinfo=None)
    first = (starts_on or today).date()
    flight = Flight(
        recipient=recipient, ads=ads, segment=segment, people=people, budget=budget, currency=currency,
        starts_on=first, ends_on=first + timedelta(days=days - 1), expected_impressions=impressions,
        expected_reach=reach,
    )  # fmt: skip
    row = plan_flight(load_settings(home=home), flight, today=today)
    if as_json:
        print_json(row)
    else:
        print_flight(out, row)
    if not row["is_sound"]:
        raise typer.Exit(int(ExitCode.BLOCKED))
