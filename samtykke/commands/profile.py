"""What is known of one person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from samtykke.commands.console import (
    HomeOption,
    IdentifierArgument,
    JsonOption,
    fail,
    one_line_errors,
    out,
    print_json,
)
from samtykke.settings import load_settings

app = typer.Typer()
# Of people who share an identifier; a list longer than this helps nobody to choose.
_NAMED = 10


@app.command()
@one_line_errors
def profile(
    identifier: IdentifierArgument,
    touches: Annotated[
        int | None, typer.Option(min=0, help="Rows of the timeline, newest first. [default: 20; with --json all]")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is published about one person: the profile, masked per purpose with reasons, and the timeline."""
    from samtykke.profile import Profiles, QuestionError, UnreadableIdentifierError, read_timeline
    from samtykke.profile.show import print_profile

    settings = load_settings(home=home)
    try:
        with Profiles(settings) as profiles:
            found = profiles.lookup(identifier).profiles
    except (QuestionError, UnreadableIdentifierError) as error:
        fail(str(error))
    if not found:
        fail(
            "no profile is published under this identifier: nobody is known by it, or its use is not permitted; "
            "samtykke explain says which"
        )
    if len(found) > 1:
        names = ", ".join(one.person_id for one in found[:_NAMED]) + (", …" if len(found) > _NAMED else "")
        fail(f"{len(found):,} people share this identifier; name one by its person_id: {names}")
    (shown,) = found
    if as_json:
        timeline = read_timeline(settings, shown, newest=touches)
        print_json(
            {
                "person_id": shown.person_id,
                "as_of": shown.as_of,
                "profile": shown.values,
                "masked": shown.masked,
                "timeline": [asdict(touch) for touch in timeline],
            }
        )
    else:
        print_profile(out, shown, read_timeline(settings, shown, newest=20 if touches is None else touches))
