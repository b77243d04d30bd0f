"""Who is taken for whom, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import duckdb
import typer

from samtykke.commands.console import HomeOption, JsonOption, fail, one_line_errors, out, print_json
from samtykke.settings import Settings, load_settings

app = typer.Typer(help="Who is taken for whom, and why.", no_args_is_help=True)

_FORMS = "E-mail, phone, instagram:@name, crm_id:…, or a key k1_…"


@app.command("explain")
@one_line_errors
def explain_identity(
    one: Annotated[str, typer.Argument(metavar="A", help=_FORMS)],
    other: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    purpose: Annotated[
        str | None, typer.Option(help="Also: are they one person for this purpose of use, such as analytics.behaviour?")
    ] = None,
    home: HomeOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the likest pair of records as a waterfall into this SVG file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say why two identifiers are one person, record by record, or what keeps them apart."""
    from samtykke.explain import UnreadableIdentifierError
    from samtykke.identity.explain import explain
    from samtykke.identity.purposes import UnknownPurposeError
    from samtykke.identity.show import print_answer
    from samtykke.storage.connect import open_home

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"nothing was ever built in {settings.home}; run samtykke run first")
    with open_home(settings, read_only=True) as connection:
        try:
            keys = [_key(connection, settings, text) for text in (one, other)]
            answer = explain(connection, *keys, purpose=purpose)
        except (UnreadableIdentifierError, UnknownPurposeError) as error:
            fail(str(error))
        except duckdb.CatalogException:
            fail("nothing was ever built in this home; run samtykke run first")
    if picture:
        if not answer.likenesses:
            fail("nothing to draw: no two of their records were found alike")
        from samtykke.identity.likeness.waterfall import svg

        picture.write_text(svg(answer.likenesses[0]))
    if as_json:
        print_json({"identifiers": keys, **answer.to_dict()})
    else:
        print_answer(out, answer)


@app.command("review")
@one_line_errors
def review_pairs(
    pair: Annotated[str | None, typer.Argument(help="A pair, as listed; without one they are listed.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="They are one person.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="They are two.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="As if nobody had decided.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="List what was decided too.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List records that may be one person's and wait for a word, or give it; the next run honours it."""
    from datetime import UTC, datetime

    from samtykke.identity import reviews
    from samtykke.identity.show import print_pairs
    from samtykke.storage.connect import open_home
    from samtykke.storage.lock import home_lock

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"nothing was ever built in {settings.home}; run samtykke run first")
    words = [
        word
        for word, said in ((reviews.ACCEPT, accept), (reviews.REJECT, reject), (reviews.WITHDRAW, withdraw))
        if said
    ]
    if bool(pair) != (len(words) == 1):
        fail("say of one pair either --accept, --reject or --withdraw; without a pair they are listed")
    try:
        if pair is None:
            with open_home(settings, read_only=True) as connection:
                found = reviews.pairs(connection, decision=None if everything else "review")
            if as_json:
                print_json([one.to_dict() for one in found])
            else:
                print_pairs(out, found)
            return
        now = datetime.now(UTC).replace(tzinfo=None)
        with home_lock(settings), open_home(settings) as connection:
            key = reviews.review(connection, pair, words[0], by=by, now=now)
    except reviews.UnknownPairError as error:
        fail(str(error))
    except duckdb.CatalogException:
        fail("nothing was ever built in this home; run samtykke run first")
    out.print(f"{words[0]} noted for pair {key[:8]}; the next run honours it", highlight=False)


@app.command("train")
@one_line_errors
def train_model(
    to: Annotated[
        Path | None, typer.Option(help="Where to write the weights; those of the project by default.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Learn from this home how one person's records resemble each other, and write the weights; no run does this."""
    from samtykke.identity.likeness.learn import TooLittleToLearnError, learn
    from samtykke.identity.likeness.model import MODEL
    from samtykke.storage.connect import open_home

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"nothing was ever built in {settings.home}; run samtykke run first")
    with open_home(settings, vault=True) as connection:
        try:
            model = learn(connection, settings)
        except TooLittleToLearnError as error:
            fail(str(error))
        except duckdb.CatalogException:
            fail("nothing was ever built in this home; run samtykke run first")
    place = to or MODEL
    model.save(place)
    out.print(f"weights {model.version} written to {place}; the next run compares everything again", highlight=False)


def _key(connection: duckdb.DuckDBPyConnection, settings: Settings, text: str) -> str:
    """Return the key of what was typed: of its readings the first that is known, else the likeliest."""
    from samtykke.explain import UnreadableIdentifierError
    from samtykke.explain.asked import read_identifier

    keys = [c.identifier_key for c in read_identifier(text, settings) if c.identifier_key]
    if not keys:
        raise UnreadableIdentifierError("a person_id is no identifier; name an identifier of the person")
    known = connection.execute(
        "select identifier_key from raw.identifiers where list_contains($1, identifier_key)", [keys]
    ).fetchall()
    return next((key for key in keys if (key,) in known), keys[0])
