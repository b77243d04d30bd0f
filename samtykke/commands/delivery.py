"""Plan and make deliveries; show what platforms get for an identifier."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from samtykke.activation.results import Scope

app = typer.Typer()
_EXIT_CODES = (
    "Exit codes: 0 done, or a plan that nothing stops · 1 a guard stops something, or something did not arrive: all "
    "else was delivered · 2 bad usage or configuration."
)


RecipientOption = Annotated[str | None, typer.Option("--recipient", help="Only this recipient. [default: all]")]


SegmentOption = Annotated[str | None, typer.Option("--segment", help="Only this segment. [default: all]")]


OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", help="Only this recipient, or recipient/segment; may be given several times."),
]


LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=0, help="Put in at most so many rows per audience. Removals are never limited."),
]


MassOption = Annotated[
    bool, typer.Option("--allow-mass-removal", help="Let a large share of an audience leave it at once.")
]


@app.command(epilog=_EXIT_CODES)
@one_line_errors
def plan(
    only: OnlyOption = None,
    recipient: RecipientOption = None,
    segment: SegmentOption = None,
    limit: LimitOption = None,
    allow_mass_removal: MassOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a delivery would change at each recipient, and why; change nothing."""
    scope = _scope(only, recipient, segment, limit, allow_mass_removal, is_sent=False)
    _deliver(home, scope, as_json=as_json)


@app.command(epilog=_EXIT_CODES)
@one_line_errors
def deliver(
    only: OnlyOption = None,
    recipient: RecipientOption = None,
    segment: SegmentOption = None,
    limit: LimitOption = None,
    send: Annotated[bool, typer.Option("--send", help="Really write files and send. [default: a dry run]")] = False,
    allow_mass_removal: MassOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring recipients up to date with the audiences of the last run, removals first; a dry run unless --send."""
    scope = _scope(only, recipient, segment, limit, allow_mass_removal, is_sent=send)
    _deliver(home, scope, as_json=as_json)


def _scope(
    only: list[str] | None, recipient: str | None, segment: str | None, limit: int | None, mass: bool, *, is_sent: bool
) -> Scope:
    from samtykke.activation.results import Scope

    chosen = None
    if only:
        parts = [name.partition("/") for name in only]
        chosen = frozenset((recipient, segment or None) for recipient, _, segment in parts)
    return Scope(
        recipient,
        segment,
        dry_run=not is_sent,
        send=is_sent,
        allow_mass_removal=mass or None,
        only=chosen,
        limit=limit,
    )


def _deliver(home: Path | None, scope: Scope, *, as_json: bool) -> None:
    from samtykke.activation.export import deliver_or_withdraw
    from samtykke.activation.gate import StaleGateError
    from samtykke.activation.guards import by_name, stopped
    from samtykke.activation.plans import to_dict
    from samtykke.commands.delivery_view import print_results
    from samtykke.storage.lock import home_lock

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"no warehouse in {settings.home}; run first")
    with home_lock(settings):
        try:
            results = deliver_or_withdraw(settings, as_of=None, scope=scope)
        except StaleGateError as error:
            fail(str(error), ExitCode.BLOCKED)
    found = {(result.recipient, result.segment) for result in results}
    found |= {(result.recipient, None) for result in results}
    strangers = sorted("/".join(filter(None, one)) for one in (scope.only or set()) - found)
    if strangers or not results:
        asked = strangers or ["/".join(filter(None, (scope.recipient, scope.segment)))]
        fail(f"no such audience as {', '.join(asked)}; recipients and segments are those of the segments' files")
    verdicts = by_name(results, max_removal_share=settings.max_removal_share)
    problems = [f"{result.audience}: {result.problem}" for result in results if result.problem]
    if as_json:
        print_json(
            {
                "is_sent": not scope.dry_run,
                "audiences": [to_dict(result, verdicts[result.audience]) for result in results],
                "problem": "; ".join(problems) or None,
            }
        )
    else:
        print_results(out, results, is_dry=scope.dry_run, verdicts=verdicts)
    count = sum(bool(stopped(own)) for own in verdicts.values())
    if count:
        verb = "would be" if scope.dry_run else "was"
        fail("; ".join(problems) or f"something {verb} stopped by a guard, see above", ExitCode.BLOCKED)


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
