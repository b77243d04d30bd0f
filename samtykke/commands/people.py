"""Why somebody is in or out, and the record of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from samtykke.commands.console import (
    HomeOption,
    IdentifierArgument,
    JsonOption,
    err,
    fail,
    one_line_errors,
    out,
    print_json,
    read_moment,
)
from samtykke.settings import load_settings
from samtykke.storage.lock import HomeBusyError

app = typer.Typer()


@app.command()
@one_line_errors
def explain(
    identifier: IdentifierArgument,
    recipient: Annotated[
        str | None, typer.Option(help="meta, google, mailchimp, …: rule by rule. [default: one line for each]")
    ] = None,
    segment: Annotated[str | None, typer.Option(help="Only the audience of this segment. [default: all]")] = None,
    purpose: Annotated[
        str | None, typer.Option(help="A purpose of use, analytics.behaviour for one, rule by rule instead.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="The moment T asked about. [default: that of the last run]")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="What was known at this moment K. [default: everything]")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the person's permission history into this SVG file.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say rule by rule why a person is in or out, at any moment T as known at any moment K."""
    from samtykke.explain import Question, QuestionError, UnreadableIdentifierError, history
    from samtykke.explain import explain as answer
    from samtykke.explain.picture import draw
    from samtykke.explain.published import print_published, published_explanation
    from samtykke.explain.show import print_explanation

    settings = load_settings(home=home)
    try:
        moments = (read_moment(at, settings.timezone), read_moment(known_at, settings.timezone))
        question = Question(identifier, recipient, segment, purpose, *moments)
        try:
            explanation = answer(settings, question)
        except (HomeBusyError, duckdb.IOException):
            if picture or (published := published_explanation(settings, question)) is None:
                raise
            if as_json:
                print_json(published.to_dict())
            else:
                print_published(out, published)
            return
        drawn = draw(history(settings, question)) if picture else ""
    except (QuestionError, UnreadableIdentifierError) as error:
        fail(str(error))
    if as_json:
        print_json(explanation.to_dict())
    else:
        print_explanation(out, explanation, in_detail=recipient is not None)
    if picture:
        picture.write_text(drawn, encoding="utf-8")


consent = typer.Typer(help="Consent records and receipts of a person (ISO/IEC TS 27560).", no_args_is_help=True)


app.add_typer(consent, name="consent")


@consent.command("record")
@one_line_errors
def consent_record(
    identifier: IdentifierArgument,
    receipt: Annotated[bool, typer.Option("--receipt", help="The copy for the person.")] = False,
    at: Annotated[str | None, typer.Option("--at", help="As for explain.")] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="As for explain.")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="Write to a file instead of the terminal.")] = None,
    home: HomeOption = None,
) -> None:
    """Write the consent record of a person as JSON (ISO/IEC TS 27560, DPV terms), without clear identifiers."""
    from samtykke.consent import records
    from samtykke.explain import Question, QuestionError, UnreadableIdentifierError

    settings = load_settings(home=home)
    question = Question(
        identifier, at=read_moment(at, settings.timezone), known_at=read_moment(known_at, settings.timezone)
    )
    try:
        record = records.consent_record(settings, question, is_receipt=receipt)
    except (QuestionError, UnreadableIdentifierError) as error:
        fail(str(error))
    if not (settings.controller_name and settings.controller_address and settings.controller_contact):
        err.print("set SAMTYKKE_CONTROLLER_NAME, _ADDRESS and _CONTACT: a receipt must state them", style="yellow")
    if file is None:
        print_json(record)
    else:
        file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
