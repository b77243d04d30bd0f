"""Names of countries to ISO 3166-1 alpha-2 codes, in every language that libphonenumber's geocoder knows."""

from __future__ import annotations

from functools import lru_cache

import duckdb
import pyarrow as pa

# Names that exports use and the geocoder does not.
_ALSO = {
    "eire": "IE",
    "rsa": "ZA",
    "usa": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "holland": "NL",
    "the netherlands": "NL",
    "uae": "AE",
    "czech republic": "CZ",
    "czechia": "CZ",
    "hong kong": "HK",
    "south korea": "KR",
    "korea, republic of": "KR",
    "russian federation": "RU",
    "viet nam": "VN",
    "taiwan": "TW",
    "macedonia": "MK",
    "türkiye": "TR",
    "turkey": "TR",
}


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Return lower-case name → code; a name that means two countries in two languages is left out."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    found: dict[str, set[str]] = {}
    for code, names in LOCALE_DATA.items():
        for name in names.values():
            if not name.startswith("*"):  # "*en": the same as in that language
                found.setdefault(name.lower(), set()).add(code)
    certain = {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
    return certain | _ALSO


def register_country_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table ``country_names`` (name, code) on a connection."""
    names = country_names()
    connection.register("batch", pa.table({"name": list(names), "code": list(names.values())}))
    connection.execute("create or replace temp table country_names as select name, code from batch")
    connection.unregister("batch")
