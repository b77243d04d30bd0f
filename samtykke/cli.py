"""The command line. Exit codes: 0 done, 1 a check blocked, 2 bad usage or configuration, 3 input refused."""

from __future__ import annotations

from typing import Annotated

import typer

from samtykke import __version__
from samtykke.commands import (
    campaign,
    delivery,
    identity,
    lists,
    night,
    obligations,
    people,
    profile,
    segment,
    withdrawals,
)
from samtykke.commands.console import out

app = typer.Typer(
    name="samtykke",
    help="A consent-aware customer warehouse: one profile per person, audiences that leave only with provable consent.",
    epilog="Exit codes: 0 done · 1 a check blocked, what was published before still stands · "
    "2 bad usage or configuration · 3 input refused.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        out.print(f"samtykke {__version__}")
        raise typer.Exit


for _commands in (night, withdrawals, people, profile, delivery):
    app.add_typer(_commands.app)
app.add_typer(obligations.app, name="obligations")
app.add_typer(segment.app, name="segment")
app.add_typer(identity.app, name="identity")
app.add_typer(campaign.app, name="campaign")
app.add_typer(lists.app, name="lists")


def main() -> None:
    """Entry point of the command ``samtykke``."""
    app()
