"""``samtykke segment``: list, compile, check and preview segments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from samtykke.commands.console import HomeOption, JsonOption, err, fail, out, print_json
from samtykke.outcome import ExitCode
from samtykke.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="List, compile, check and preview segments.")


@app.command("list")
def list_segments(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show every segment with what it declares."""
    from samtykke.segments.properties import read_properties
    from samtykke.segments.views import print_segments, properties_dict

    with _told():
        declared = read_properties(load_settings(home=home).project)
    if as_json:
        print_json([properties_dict(item) for item in declared])
    else:
        print_segments(out, declared)


@app.command("compile")
def compile_segments(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Write the SQL of every segment that declares its people in the grammar (who:)."""
    from samtykke.segments.compiled import compiler_of
    from samtykke.segments.properties import FOLDER, read_properties

    project = load_settings(home=home).project
    with _told():
        written = compiler_of(project, read_properties(project, is_compiled=False)).write()
    if as_json:
        print_json([{"segment": item.segment, "written": not item.is_current} for item in written])
        return
    for item in written:
        state = "as it was" if item.is_current else "written"
        out.print(f"{FOLDER / item.segment}.sql: {state}", highlight=False, soft_wrap=True)


@app.command("check")
def check_segments(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check what the segments declare, and that compiled SQL is what its tree says; the night does it too."""
    from samtykke.segments.compiled import compiler_of
    from samtykke.segments.properties import read_properties

    project = load_settings(home=home).project
    with _told():
        declared = read_properties(project)
        compiled = compiler_of(project, declared).check()
    if as_json:
        print_json({"segments": len(declared), "compiled": len(compiled), "problems": []})
    else:
        out.print(f"{len(declared)} segments, {len(compiled)} of them compiled: all as declared", highlight=False)


@app.command("preview")
def preview(
    what: Annotated[
        str, typer.Argument(help="A segment's name, or a .yml or .sql file that need not be in the project.")
    ],
    recipient: Annotated[
        list[str] | None,
        typer.Option("--recipient", help="To whom it would go; may be repeated. [default: its destinations]"),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count a segment before it runs: size, overlap, needed purposes, and who would be left of it, step by step."""
    from samtykke.segments.draft import read_draft
    from samtykke.segments.preview import preview_segment
    from samtykke.segments.properties import declared_recipients
    from samtykke.segments.views import print_preview
    from samtykke.storage.lock import HomeBusyError

    settings = load_settings(home=home)
    with _told():
        if unknown := sorted(set(recipient or ()) - declared_recipients(settings.project)):
            fail(f"no recipient {', '.join(unknown)} in seeds/recipients.csv")
        try:
            found = preview_segment(settings, read_draft(settings.project, what), recipient or ())
        except HomeBusyError as error:
            fail(str(error))
    if as_json:
        print_json(found.to_dict())
    else:
        print_preview(out, found)


@contextmanager
def _told() -> Iterator[None]:
    """End a command with the problems of a declaration, one line each, instead of a traceback."""
    from samtykke.segments.located import DefinitionError
    from samtykke.settings import ConfigurationError

    try:
        yield
    except (DefinitionError, ConfigurationError) as problem:
        err.print(str(problem), highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(int(ExitCode.USAGE)) from None
