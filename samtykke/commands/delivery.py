"""Plan and make deliveries; show what platforms get for an identifier."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from samtykke.commands.console import (
    HomeOption,
    JsonOption,
    fail,
    one_line_errors,
    out,
    print_json,
)
from samtykke.outcome import ExitCode
from samtykke.settings import load_settings

app = typer.Typer()


RecipientOption = Annotated[str | None, typer.Option("--recipient", help="Only this recipient. [default: all]")]


SegmentOption = Annotated[str | None, typer.Option("--segment", help="Only this segment. [default: all]")]


MassOption = Annotated[
    bool, typer.Option("--allow-mass-removal", help="Let a large share of an audience leave it at once.")
]


@app.command()
@one_line_errors
def plan(
    recipient: RecipientOption = None,
    segment: SegmentOption = None,
    allow_mass_removal: MassOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a delivery would change at each recipient, and why; change nothing."""
    _deliver(home, recipient, segment, allow_mass_removal, is_sent=False, as_json=as_json)


@app.command()
@one_line_errors
def deliver(
    recipient: RecipientOption = None,
    segment: SegmentOption = None,
    send: Annotated[bool, typer.Option("--send", help="Really write files and send. [default: a dry run]")] = False,
    allow_mass_removal: MassOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring recipients up to date with the audiences of the last run; a dry run unless --send is given."""
    _deliver(home, recipient, segment, allow_mass_removal, is_sent=send, as_json=as_json)


def _deliver(
    home: Path | None, recipient: str | None, segment: str | None, allow_mass: bool, *, is_sent: bool, as_json: bool
) -> None:
    from samtykke.activation.export import ExportError, Scope, export_all
    from samtykke.activation.gate import StaleGateError
    from samtykke.activation.plans import print_results, to_dict
    from samtykke.storage.lock import home_lock

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"no warehouse in {settings.home}; run first")
    scope = Scope(recipient, segment, dry_run=not is_sent, send=is_sent, allow_mass_removal=allow_mass or None)
    problem = None
    with home_lock(settings):
        try:
            results = export_all(settings, as_of=None, scope=scope)
        except StaleGateError as error:
            fail(str(error), ExitCode.BLOCKED)
        except ExportError as error:
            results, problem = error.results, str(error)
    if not results and not problem:
        fail("no such audience; recipients and segments are those of the segments' files")
    if as_json:
        print_json({"is_sent": is_sent, "audiences": [to_dict(result) for result in results], "problem": problem})
    else:
        print_results(out, results, is_dry=not is_sent)
    if problem:
        fail(problem, ExitCode.BLOCKED)


identifier_app = typer.Typer(help="What platforms make of an identifier.", no_args_is_help=True)


app.add_typer(identifier_app, name="identifier")


@identifier_app.command("explain")
@one_line_errors
def explain_identifier(
    value: Annotated[str, typer.Argument(help="An e-mail address, phone number or mobile ad id; - reads a line.")],
    platform: Annotated[str | None, typer.Option(help="Only this platform. [default: all that take it]")] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="email, phone, madid, handle, first_name, city, zip, birth_date … [default: what it looks like]"
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Country of the value, alpha-2. [default: $SAMTYKKE_COUNTRY]")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show each step from what was typed to what a platform gets; nothing is stored or logged."""
    from dataclasses import asdict

    from samtykke.hashing.explain import explain

    typed = sys.stdin.readline().rstrip("\n") if value == "-" else value
    try:
        steps = list(explain(typed, platform=platform, kind=kind, region=region or load_settings(home=home).country))
    except ValueError as error:
        fail(str(error))
    if as_json:
        print_json([asdict(step) for step in steps])
        return
    for step in steps:
        line = f"{step.platform:<15} {step.step:<15} {step.text or '-'}"
        out.print(f"{line}   ({step.says})", highlight=False, markup=False, soft_wrap=True)
