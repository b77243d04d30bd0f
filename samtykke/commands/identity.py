"""Who is taken for whom, and why."""

from __future__ import annotations

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
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why two identifiers are one person, record by record, or what keeps them apart."""
    from samtykke.explain import UnreadableIdentifierError
    from samtykke.identity.explain import explain
    from samtykke.identity.show import print_answer
    from samtykke.storage.connect import open_home

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"nothing was ever built in {settings.home}; run samtykke run first")
    with open_home(settings, read_only=True) as connection:
        try:
            keys = [_key(connection, settings, text) for text in (one, other)]
            answer = explain(connection, *keys)
        except UnreadableIdentifierError as error:
            fail(str(error))
        except duckdb.CatalogException:
            fail("nothing was ever built in this home; run samtykke run first")
    if as_json:
        print_json({"identifiers": keys, **answer.to_dict()})
    else:
        print_answer(out, answer)


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
