"""Special categories (GDPR Art. 9): found in texts and headers by the words of a seed, so that they can be left out.

The seed ``special_category_terms`` lists whole words and phrases per category and language, with the names of columns
that hold such data. A list of words finds what is said plainly and nothing that is only meant: docs/consent.md says
where it ends.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import duckdb

from samtykke.consent.signals import seeds_of
from samtykke.sources.shape import literal

REFUSED = "special_category"
# The texts of social data, as their rows are checked; a text that is not there is blank.
TEXTS = {
    "social_profiles": ("display_name", "bio"),
    "social_posts": ("text",),
    "social_edges": (),
}
_STATE = "special_category_terms"


class Terms:
    """The words of the seed.

    Attributes:
        patterns: Category → RE2 pattern of its words, on small letters.
        any_pattern: The pattern of the words of every category: one look clears most texts.
        headers: Category → names of columns, in small letters with underscores.
        digest: Changes with the seed.
    """

    def __init__(self, seeds: Path) -> None:
        text = (seeds / f"{_STATE}.csv").read_text(encoding="utf-8")
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        words: dict[str, dict[str, set[str]]] = {"text": {}, "header": {}}
        for row in csv.DictReader(text.splitlines()):
            words[row["place"]].setdefault(row["category"], set()).add(row["term"].lower())
        self.headers = {category: frozenset(terms) for category, terms in words["header"].items()}
        self.patterns = {category: _whole_words(terms) for category, terms in sorted(words["text"].items())}
        self.any_pattern = _whole_words(set().union(*words["text"].values()))

    def category_of(self, header: str) -> str | None:
        """Return the category whose data a column of this name holds, None if its name says nothing of the kind."""
        parted = re.sub(r"(?<=[a-zæøåäöüß])(?=[A-ZÆØÅÄÖÜ])", "_", header)
        name = "_" + re.sub(r"[\W_]+", "_", parted.lower()).strip("_") + "_"
        for category, terms in sorted(self.headers.items()):
            if any(f"_{term}_" in name for term in terms):
                return category
        return None

    def special_headers(self, headers: Iterable[str]) -> dict[str, str]:
        """Return the headers among some that name a special category, with it."""
        found = {header: self.category_of(header) for header in headers}
        return {header: category for header, category in found.items() if category}


@lru_cache(maxsize=8)
def declared_terms(project: Path) -> Terms:
    """Return the words that a project's seed declares, read once."""
    return Terms(seeds_of(project))


def text_sql(entity: str) -> str:
    """Return the SQL of everything that a row of social data says in words."""
    return f"concat_ws(' ', {', '.join(TEXTS[entity])})" if TEXTS[entity] else "''"


def stated_sql(text: str, terms: Terms) -> str:
    """Return the SQL of the list of categories that a text states, empty for none.

    Args:
        text: SQL of the text.
        terms: The words.
    """
    text = f"lower(nfc_normalize(replace({text}, '\u2019', chr(39))))"
    found = ", ".join(
        f"case when regexp_matches({text}, {literal(pattern)}) then {literal(category)} end"
        for category, pattern in terms.patterns.items()
    )
    listed = f"list_filter([{found}], lambda c: c is not null)"
    return f"case when regexp_matches({text}, {literal(terms.any_pattern)}) then {listed} else [] end"


def mark_admitted(connection: duckdb.DuckDBPyConnection, entity: str, file_id: str) -> None:
    """Write down which admitted rows state a category, by explicit consent, so that its withdrawal finds them.

    Args:
        connection: With ``judged`` (line_number, refusal, stated) of the file.
        entity: Whose rows they are.
        file_id: The file.
    """
    connection.execute("delete from raw.special_texts where file_id = $1", [file_id])
    connection.execute(
        f"""
        insert into raw.special_texts
        select {literal(entity)}, $1, line_number, unnest(stated) from judged
        where refusal is null and len(stated) > 0
        """,
        [file_id],
    )


def forget_deleted(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the marks of rows that are gone."""
    held = " union all ".join(f"select '{entity}', file_id, line_number from raw.{entity}" for entity in TEXTS)
    connection.execute(
        f"delete from raw.special_texts where (entity, file_id, line_number) not in (select (e, f, l) "
        f"from ({held}) as rows(e, f, l))"
    )


def mark_again(connection: duckdb.DuckDBPyConnection, terms: Terms) -> None:
    """Look through all texts that are held, if the words have changed since they were looked through."""
    seen = connection.execute(f"select value from raw.loader_state where name = '{_STATE}'").fetchone()
    if seen == (terms.digest,):
        return
    entities = ", ".join(map(literal, TEXTS))
    connection.execute("begin")
    connection.execute("delete from raw.special_texts")
    connection.execute(f"""
        insert into raw.special_texts
        with held as (
            select entity, file_id, line_number, text from vault.texts where entity in ({entities})
            union all
            select 'social_profiles', p.file_id, p.line_number, d.nickname
            from raw.social_profiles as p
            inner join vault.contact_details as d on p.file_id = d.file_id and p.line_number = d.line_number
        )
        select distinct entity, file_id, line_number, unnest({stated_sql("text", terms)}) from held
    """)
    connection.execute(f"insert or replace into raw.loader_state values ('{_STATE}', $1)", [terms.digest])
    connection.execute("commit")


def _whole_words(terms: Iterable[str]) -> str:
    """The RE2 pattern of any of some terms with no letter, mark, digit or underscore on either side."""
    words = "|".join(r"\s+".join(map(re.escape, term.split())) for term in sorted(terms))
    return rf"(^|[^\p{{L}}\p{{M}}\p{{N}}_])({words})($|[^\p{{L}}\p{{M}}\p{{N}}_])"
