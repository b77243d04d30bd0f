"""The explanation that was published with the marts: readable while a run writes the warehouse."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
from rich.console import Console

from samtykke.explain.answer import Row
from samtykke.explain.asked import read_identifier
from samtykke.explain.question import Question
from samtykke.explain.show import evidence, short, table
from samtykke.publish import marts_file
from samtykke.settings import Settings


@dataclass(frozen=True)
class Published:
    """The rows of mart ``consent_explanations`` about whom the identifier belongs to, as published at ``as_of``."""

    as_of: str
    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"published": True, **asdict(self)}


def published_explanation(settings: Settings, question: Question) -> Published | None:
    """Return what was published; None where nothing is, or where another moment is asked about.

    Raises:
        UnreadableIdentifierError: What was typed is no identifier.
    """
    file = marts_file(settings)
    if question.at or question.known_at or not file.exists():
        return None
    candidates = read_identifier(question.identifier, settings)
    keys = [one.identifier_key for one in candidates if one.identifier_key]
    persons = [one.person_id for one in candidates if one.person_id]
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set schema = 'marts'; set TimeZone = 'UTC'")
        try:
            cursor = connection.execute(
                """
                select person_id::varchar as person_id, told.* exclude (person_id)
                from consent_explanations as told
                where (
                        list_contains($persons, person_id::varchar)
                        or person_id in (
                            select person_id from person_identifiers where list_contains($keys, identifier_key)
                        )
                    )
                    and ($recipient is null or recipient = $recipient or gate = 'use')
                order by person_id, gate, recipient, purpose, step_number
                """,
                {"keys": keys, "persons": persons, "recipient": question.recipient},
            )
        except duckdb.CatalogException:
            return None
        names = [column[0] for column in cursor.description]
        rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return Published(json.loads((settings.published / "manifest.json").read_text())["as_of"], rows)


def print_published(console: Console, published: Published) -> None:
    """Print what was published, step by step."""
    console.print(
        f"A run is writing now; this is what was published for {published.as_of} UTC.", style="yellow", highlight=False
    )
    if not published.rows:
        console.print("[bold]Out everywhere[/]: nothing is known of this identifier, and silence is a no.")
        return
    steps = table("gate", "at", "step", "", "rule", "why", "evidence")
    for row in published.rows:
        says = "[green]yes[/]" if row["is_permitted"] else "[red]no[/]"
        where = short("identifier", row["identifier_key"]) if row["identifier_key"] else "the person"
        steps.add_row(
            row["gate"], row["recipient"] or row["purpose"], f"{row['step']}: {where}", says, row["rule_id"],
            row["statement"], evidence(row),
        )  # fmt: skip
    console.print(steps)
