"""What commands share: how they print, end, and name the options they have in common."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import duckdb
import typer
from rich.console import Console

from samtykke.moments import parse_moment
from samtykke.outcome import ExitCode
from samtykke.settings import ConfigurationError
from samtykke.storage.lock import HomeBusyError

# Without a terminal there is no width to obey, and a table cut to 80 columns hides the segments' names.
out = Console(emoji=False) if sys.stdout.isatty() else Console(width=140, emoji=False)


err = Console(stderr=True, emoji=False)


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder that holds everything a run writes. [default: $SAMTYKKE_HOME, var]"),
]


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """End a command with one line instead of a traceback when the cause is the user's to mend."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (ConfigurationError, HomeBusyError) as error:
            fail(str(error))
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            fail("another process is writing to this home; try again when it has finished")

    return guarded


def fail(message: str, code: ExitCode = ExitCode.USAGE) -> NoReturn:
    """Print one line on standard error and end with a code."""
    err.print(f"samtykke: {message}", highlight=False, soft_wrap=True, markup=False)
    raise typer.Exit(int(code))


def print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, indent=2, default=str) + "\n")


def read_moment(text: str | None, zone: str) -> datetime | None:
    """Read a moment of the command line, or end with code 2."""
    try:
        return parse_moment(text, ZoneInfo(zone)) if text else None
    except ValueError as error:
        fail(str(error))


IdentifierArgument = Annotated[
    str,
    typer.Argument(
        help="E-mail, phone, instagram:@name, crm_id:…, a key k1_…, a person_id; - reads it from standard input.",
        callback=lambda value: sys.stdin.readline().strip() if value == "-" else value,
    ),
]
