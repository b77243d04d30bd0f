"""Interests that people declare in forms: the words of a form become nodes of the taxonomy.

A form says them by the taxonomy's id or name, or by a word of one of the six languages. A word that nobody knows is
dropped from its row with a reason, the row as well when it knew no other; of a special category (GDPR Art. 9) only the
reason is kept.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from samtykke import interests
from samtykke.sources import special

ENTITY = "declared_interests"
UNKNOWN = "unknown_interest"
_LISTS = ("interests", "dislikes")


def interpret(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Replace the words of a table of declarations by nodes; note every word that cannot be one.

    Args:
        connection: With the temporary tables of a batch.
        table: Its rows: line_number, interests and dislikes as lists of words, issue.
    """
    said = " union ".join(f"select unnest({name}) as word from {table}" for name in _LISTS)
    words = [word for (word,) in connection.execute(said).fetchall()]
    nodes = [interests.node_of(word) for word in words]
    reasons = [
        None if node else special.REFUSED if interests.is_sensitive(word) else UNKNOWN
        for word, node in zip(words, nodes, strict=True)
    ]
    batch = pa.table(
        {
            name: pa.array(values, pa.string())
            for name, values in (("word", words), ("interest_id", nodes), ("reason", reasons))
        }
    )
    connection.register("batch", batch)
    connection.execute("create or replace temp table declared_words as select * from batch")
    connection.unregister("batch")
    for name in _LISTS:
        connection.execute(f"""
            create or replace temp table spoken as
            select s.line_number, w.interest_id, w.reason
            from (select line_number, unnest({name}) as word from {table} where issue is null) as s
            inner join declared_words as w on s.word = w.word
        """)
        connection.execute(
            f"insert into issues select line_number, '{ENTITY}', '{name}', reason from spoken where reason is not null"
        )
        connection.execute(f"""
            update {table} as r set {name} = coalesce(
                (select list(distinct s.interest_id order by s.interest_id) from spoken as s
                where s.line_number = r.line_number and s.interest_id is not null), [])
        """)
    connection.execute("drop table declared_words; drop table spoken")
    # A row of which nothing was understood says nothing; one that told of a special category is not set aside whole,
    # since what is set aside keeps its words.
    connection.execute(f"""
        update {table} as r set issue = '{UNKNOWN}|interests'
        where issue is null and interests = [] and dislikes = []
            and line_number in (select line_number from issues where entity = '{ENTITY}' and reason = '{UNKNOWN}')
            and line_number not in
                (select line_number from issues where entity = '{ENTITY}' and reason = '{special.REFUSED}')
    """)
    connection.execute(f"""
        delete from issues where entity = '{ENTITY}' and line_number in
            (select line_number from {table} where issue = '{UNKNOWN}|interests')
    """)
