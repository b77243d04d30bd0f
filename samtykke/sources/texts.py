"""Read the admitted texts for interests; only what they say comes out, the texts stay in the vault."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pyarrow as pa

_BATCH = 20_000
_SCHEMA = pa.schema(
    [
        ("text_key", pa.string()),
        ("interest_id", pa.string()),
        ("polarity", pa.int32()),
        ("place", pa.string()),
        ("brand", pa.string()),
        ("language", pa.string()),
        ("confidence", pa.float64()),
        ("span_start", pa.int32()),
        ("span_end", pa.int32()),
    ]
)


def extract_interests(connection: duckdb.DuckDBPyConnection, now: datetime) -> int:
    """Read every text whose person permits ``enrichment.interests`` and that this extractor has not read yet.

    Args:
        connection: With the vault and the door's view ``handle_permissions``.
        now: Our clock.

    Returns:
        How many texts were read.
    """
    from samtykke import interests

    connection.execute(
        """
        create or replace temp table unread as
        with written as (
            select text_key, 'post' as text_kind, handle_key, platform, language, posted_at as observed_at
            from raw.social_posts
            union all
            select bio_key, 'bio', handle_key, platform, language, observed_at
            from raw.social_profiles where bio_key is not null
        )
        select w.* from written as w
        inner join handle_permissions as i on w.handle_key = i.handle_key and i.purpose = 'enrichment.interests'
            and i.is_permitted and not i.is_denied
        inner join handle_permissions as s on w.handle_key = s.handle_key and s.purpose = 'enrichment.social'
            and s.is_permitted and not s.is_denied
        anti join (select text_key from raw.text_readings where extractor_version = $1) as r on w.text_key = r.text_key
        qualify row_number() over (partition by w.text_key order by w.observed_at desc, w.handle_key) = 1
        """,
        [interests.VERSION],
    )
    found = connection.execute("""
        select u.text_key, u.language, t.text from unread as u
        inner join vault.texts as t on u.text_key = t.text_key
        qualify row_number() over (partition by u.text_key order by t.file_id, t.line_number) = 1
    """)
    read, rows = 0, []
    while batch := found.fetchmany(_BATCH):
        read += len(batch)
        for text_key, language, text in batch:
            for interest in interests.extract(text, language):
                if interests.is_special(interest.interest_id):
                    continue
                rows.append(
                    (
                        text_key,
                        interest.interest_id,
                        interest.polarity,
                        interest.place,
                        interest.brand,
                        interest.language,
                        interest.confidence,
                        interest.span_start,
                        interest.span_end,
                    )
                )
    _write(connection, rows, interests.VERSION, now)
    connection.execute("drop table unread")
    return read


def _write(connection: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]], version: str, now: datetime) -> None:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_SCHEMA)
    table = pa.table([list(column) for column in columns], schema=_SCHEMA)
    connection.register("found", table)
    connection.execute("begin")
    connection.execute("delete from raw.text_interests where text_key in (select text_key from unread)")
    connection.execute(
        """
        insert into raw.text_interests
        select f.text_key, u.text_kind, u.handle_key, u.platform, f.interest_id, f.polarity, f.place, f.brand,
            f.language, f.confidence, f.span_start, f.span_end, u.observed_at, $1, $2::timestamp
        from found as f inner join unread as u on f.text_key = u.text_key
        """,
        [version, now],
    )
    connection.execute("delete from raw.text_readings where text_key in (select text_key from unread)")
    connection.execute(
        "insert into raw.text_readings select text_key, handle_key, $1, $2::timestamp from unread",
        [version, now],
    )
    connection.execute("commit")
    connection.unregister("found")
