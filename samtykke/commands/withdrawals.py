"""Take back withdrawals at once, without Dagster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samtykke.commands.console import (
    HomeOption,
    JsonOption,
    err,
    fail,
    one_line_errors,
    out,
    print_json,
    read_moment,
)
from samtykke.outcome import ExitCode
from samtykke.settings import load_settings

app = typer.Typer()


@app.command()
@one_line_errors
def withdrawals(
    home: HomeOption = None,
    landing: Annotated[Path | None, typer.Option(help="Drop folder. [default: <home>/landing]")] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The moment taken as now; a bare date is the end of that day. [default: now]"),
    ] = None,
    send: Annotated[
        bool | None,
        typer.Option("--send/--no-send", help="Send to interfaces too. [default: in production]", show_default=False),
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another run of this home.", min=0)] = 900.0,
    as_json: JsonOption = False,
) -> None:
    """Load new consent, take back what was sent of everybody it ends for; adds nobody. Files are always written.

    Exit codes: 0 done, also when nothing had to come back · 1 something could not be taken back and stays owed ·
    2 bad usage or configuration · 3 a file was refused and may hold a withdrawal.
    """
    from samtykke.commands.delivery_view import print_results
    from samtykke.sources.load import LoadError
    from samtykke.storage.connect import prepare_home
    from samtykke.storage.lock import home_lock
    from samtykke.withdrawals.lane import take_back_withdrawals

    settings = load_settings(home=home, landing=landing)
    moment = read_moment(as_of, settings.timezone)

    def waiting() -> None:
        err.print("another run is writing to this home; waiting for it", highlight=False)

    with home_lock(settings, wait_seconds=wait, on_wait=waiting):
        prepare_home(settings)
        try:
            outcome = take_back_withdrawals(settings, as_of=moment, send=send)
        except LoadError as error:
            fail(str(error), ExitCode.BLOCKED)
    if as_json:
        print_json(outcome.to_dict())
        raise typer.Exit(int(outcome.exit_code))
    if outcome.audiences:
        print_results(out, outcome.audiences, is_dry=False)
    said = [f"{outcome.loaded} files loaded, {outcome.appended} events new on the ledger"]
    said += [outcome.note or f"{outcome.people:,} people looked at, {outcome.removed:,} rows to take back"]
    out.print("; ".join(said) + f"; {sum(outcome.seconds.values()):.1f} seconds.", highlight=False, soft_wrap=True)
    for problem in (*outcome.refused, *outcome.problems):
        err.print(f"samtykke: {problem}", highlight=False, soft_wrap=True, markup=False)
    raise typer.Exit(int(outcome.exit_code))
