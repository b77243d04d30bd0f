"""Times as SQL: text in declared formats and zones to UTC timestamps; what cannot be a time becomes null."""

from __future__ import annotations

from samtykke.sources.mapping import Time

DATE = r"\d{4}-\d{2}-\d{2}"
STRICT = DATE + r"[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})"
LOOSE = DATE + r"[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)? ?(Z|z|UTC|[+-]\d{2}(:?\d{2})?)"
NO_ZONE = DATE + r"([Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?"
ISO = "iso"
COMPANY = "company"


def literal(text: str) -> str:
    """Return a SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def time_sql(value: str, time: Time | None, company_zone: str) -> str:
    """Return the SQL of a UTC timestamp, null where the text is no time.

    ISO 8601 carries its zone; a time without one is read in the declared zone. A local time that the clock skipped
    in spring does not exist and is null.

    Args:
        value: SQL of the text.
        time: What a mapping declares; None is ISO 8601 with zone.
        company_zone: What the zone ``company`` means.
    """
    formats = time.formats if time else (ISO,)
    zone = time.zone if time else None
    zone = company_zone if zone == COMPANY else zone
    attempts = []
    if ISO in formats:
        attempts.append(_iso(value))
        if zone:
            attempts.append(_in_zone(_iso_without_zone(value), zone))
    zoned = [text for text in formats if "%z" in text or "%Z" in text]
    if zoned:
        attempts.append(f"try_strptime({value}, [{', '.join(map(literal, zoned))}])")
    naive = [text for text in formats if text != ISO and text not in zoned]
    if naive:
        parsed = f"try_strptime({value}, [{', '.join(map(literal, naive))}])"
        attempts.append(_in_zone(parsed, zone or "UTC"))
    sql = attempts[0] if len(attempts) == 1 else f"coalesce({', '.join(attempts)})"
    moment = f"(({sql}) at time zone 'UTC')"
    if time and time.plus_seconds:
        return f"({moment} + to_seconds(try_cast({{plus_seconds}} as bigint) * {time.seconds_each}))"
    return moment


def date_sql(value: str, time: Time | None) -> str:
    """Return the SQL of a date, null where the text is none."""
    formats = [text for text in (time.formats if time else ()) if text != ISO]
    iso = f"case when regexp_full_match({value}, '{DATE}') then try_cast({value} as date) end"
    if not formats:
        return iso
    return f"coalesce({iso}, try_strptime({value}, [{', '.join(map(literal, formats))}])::date)"


def _iso(value: str) -> str:
    tidy = f"replace(replace(upper({value}), ',', '.'), 'UTC', 'Z')"
    seconds = rf"regexp_replace({tidy}, '^(.{{10}}).([0-9:.]+) ?(.*)$', '\1 \2\3')"
    minutes = rf"regexp_replace({tidy}, '^(.{{10}}).([0-9:]{{5}}) ?(.*)$', '\1 \2:00\3')"
    return (
        f"case when regexp_full_match({value}, '{STRICT}') then try_cast({value} as timestamptz) "
        f"when regexp_full_match({value}, '{LOOSE}') then "
        f"try_cast(case when substr({value}, 17, 1) = ':' then {seconds} else {minutes} end as timestamptz) end"
    )


def _iso_without_zone(value: str) -> str:
    padded = f"replace(case when length({value}) = 16 then {value} || ':00' else {value} end, ',', '.')"
    return f"case when regexp_full_match({value}, '{NO_ZONE}') then try_cast({padded} as timestamp) end"


def _in_zone(naive: str, zone: str) -> str:
    if zone == "UTC":
        return f"timezone('UTC', {naive})"
    moment = f"timezone({literal(zone)}, {naive})"
    return f"case when timezone({literal(zone)}, {moment}) = {naive} then {moment} end"
