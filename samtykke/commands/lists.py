"""``samtykke lists``: make the empty list at a platform that an audience goes to."""

from __future__ import annotations

from typing import Annotated

import typer

from samtykke.commands.console import HomeOption, JsonOption, fail, one_line_errors, out, print_json
from samtykke.outcome import ExitCode
from samtykke.settings import load_settings

app = typer.Typer(help="Lists at platforms that audiences go to.", no_args_is_help=True)


@app.callback()
def _lists() -> None:
    """Lists at platforms that audiences go to."""


@app.command("make")
@one_line_errors
def make(
    recipient: Annotated[str, typer.Option("--recipient", help="At whose account; deliveries.yml says how.")],
    segment: Annotated[str, typer.Option("--segment", help="Which segment goes there.")],
    name: Annotated[str | None, typer.Option(help="As the platform shows it. [default: the segment's]")] = None,
    send: Annotated[bool, typer.Option("--send", help="Really make it. [default: only check the name]")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an empty list and print the line of deliveries.yml that names it; a dry run unless --send is given."""
    from samtykke.activation import gate
    from samtykke.activation.destinations import api_for
    from samtykke.activation.destinations.api import MADE_BY_HAND
    from samtykke.activation.http import RefusedError, UnreachableError
    from samtykke.activation.names import sensitive_category
    from samtykke.activation.targets import target
    from samtykke.storage.connect import open_home

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"no warehouse in {settings.home}; run first")
    with open_home(settings, read_only=True) as connection:
        reached = target(settings, recipient, gate.recipient(connection, recipient).spec)
    if reached is None:
        fail(f"{recipient} gets files: deliveries.yml names no interface")
    title = name or segment
    if category := sensitive_category(title, settings.project, reached.spec.name_policy):
        fail(f"a name tells the recipient about everybody in the list, and this one speaks of {category}: use another")
    made = None
    if send:
        if missing := [*reached.missing_secrets(), *reached.missing()]:
            fail(f"{recipient}: set {', '.join(missing)}")
        api = api_for(reached)
        try:
            made = api.make_list(title, api.connect())
        except (RefusedError, UnreachableError) as problem:
            if isinstance(problem, RefusedError) and problem.code == MADE_BY_HAND:
                fail(f"{recipient}: {reached.spec.name} makes no lists by its interface: make it by hand")
            remedy = reached.spec.remedy(str(problem))
            fail(f"{recipient}: {problem}{f' ({remedy})' if remedy else ''}", ExitCode.BLOCKED)
    if as_json:
        print_json({"recipient": recipient, "segment": segment, "name": title, "is_made": send, "id": made})
    elif made is None:
        out.print(f"Dry run: {recipient} would get an empty list {title!r}; --send makes it.", highlight=False)
    else:
        out.print(f'deliveries.yml: {recipient}: audiences: {{{segment}: "{made}"}}', highlight=False, soft_wrap=True)
