"""The bundled sample through the real loader: its README promises what becomes of every odd row."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from samtykke.sample import oddities
from samtykke.settings import Settings, load_settings
from samtykke.sources.load import load_landing
from samtykke.sources.manifest import FileResult
from samtykke.storage.connect import open_home

SAMPLE = Path(__file__).resolve().parents[2] / "sample"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(home=tmp_path_factory.mktemp("home"), landing=SAMPLE, settle_seconds=0)


@pytest.fixture(scope="module")
def results(settings: Settings) -> dict[str, FileResult]:
    return {result.path: result for result in load_landing(settings)}


def _by_reason(connection: duckdb.DuckDBPyConnection, table: str, path: str) -> dict[str, int]:
    return dict(
        connection.execute(
            f"select r.reason, count(*) from raw.{table} as r inner join raw.files as f using (file_id) "
            "where f.path = $1 group by r.reason",
            [path],
        ).fetchall()
    )


def test_no_file_of_the_sample_is_refused(results: dict[str, FileResult]) -> None:
    # a refused file ends the run with exit code 3, and the demo must end with 0
    copies = {oddity.path for oddity in oddities() if oddity.is_copy}
    assert {path for path, result in results.items() if result.status != "loaded"} == copies
    assert {results[path].status for path in copies} == {"duplicate"}


def test_every_row_of_the_clean_files_is_staged(results: dict[str, FileResult]) -> None:
    odd = {oddity.path for oddity in oddities()}
    for path in results.keys() - odd:
        assert all(account.rows_quarantined == 0 for account in results[path].counts), path


def test_every_odd_row_comes_to_what_the_readme_says(settings: Settings, results: dict[str, FileResult]) -> None:
    with open_home(settings) as connection:
        for oddity in oddities():
            if oddity.is_copy:
                continue
            assert _by_reason(connection, "quarantine", oddity.path) == oddity.quarantined, oddity.path
            assert _by_reason(connection, "field_issues", oddity.path) == oddity.dropped_values, oddity.path
            (account,) = results[oddity.path].counts
            assert account.rows_in == oddity.rows
            assert account.rows_staged == oddity.rows - sum(oddity.quarantined.values())


def test_the_letters_of_a_latin_1_file_reach_the_vault(settings: Settings, results: dict[str, FileResult]) -> None:
    with open_home(settings, vault=True) as connection:
        names = connection.execute(
            "select first_name || ' ' || last_name from vault.contact_details inner join raw.files using (file_id) "
            "where path = 'contacts/odd_latin1.csv' order by line_number"
        ).fetchall()
    assert [name for (name,) in names] == ["Søren Ærøskjold", "Åsa Öberg", "Jürgen Großmann", "Bjørg Bøe"]
