"""``samtykke obligations``: what recipients are still owed, and that it was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import duckdb
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
from samtykke.settings import ConfigurationError, load_settings

app = typer.Typer(help="What recipients are still owed, and that it was done.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
@one_line_errors
def obligations(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List what recipients are still owed: removals that have not left, notices that have not been given."""
    if context.invoked_subcommand:
        return
    from datetime import UTC

    from samtykke.activation.obligations import unmet
    from samtykke.views import print_obligations

    with _ledger(home, read_only=True) as connection:
        found = unmet(connection, at=datetime.now(UTC).replace(tzinfo=None))
    if as_json:
        print_json([one.to_dict() for one in found])
    else:
        print_obligations(out, found)
    raise typer.Exit(int(ExitCode.BLOCKED if any(one.is_overdue for one in found) else ExitCode.DONE))


@app.command("acknowledge")
@one_line_errors
def acknowledge_obligation(
    obligation_id: Annotated[str, typer.Argument(help="As `samtykke obligations` lists it.")],
    by: Annotated[str, typer.Option("--by", help="Who answers for it.")],
    reference: Annotated[str | None, typer.Option(help="Where the proof lies, such as a ticket number.")] = None,
    home: HomeOption = None,
) -> None:
    """Write on the ledger that an obligation was met by hand: a notice given, or a removal made at the platform."""
    from datetime import UTC

    from samtykke.activation.obligations import UnknownObligationError, acknowledge

    try:
        with _ledger(home, read_only=False) as connection:
            moment = datetime.now(UTC).replace(tzinfo=None)
            acknowledge(connection, obligation_id, by=by, reference=reference, now=moment)
    except UnknownObligationError as error:
        fail(str(error))
    out.print(f"{obligation_id} is met; the next run counts it so.", highlight=False)


@contextmanager
def _ledger(home: Path | None, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """The home's ledger while nobody writes to it."""
    from samtykke.storage.connect import open_home, prepare_home
    from samtykke.storage.lock import home_lock

    settings = load_settings(home=home)
    if not settings.ledger.exists():
        raise ConfigurationError(f"no ledger in {settings.home}; run first")
    with home_lock(settings):
        prepare_home(settings)
        with open_home(settings, read_only=read_only) as connection:
            yield connection
