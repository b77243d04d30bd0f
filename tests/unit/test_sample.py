"""The sample is the demo's input and the benchmarks': it must keep its promises before anything is loaded."""

from __future__ import annotations

import csv
import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import phonenumbers
import pytest

from samtykke.sample import Scale, generate, oddities
from samtykke.sources.contracts import ENTITIES
from samtykke.sources.mapping import known_mappings

PROJECT = Path(__file__).resolve().parents[2]
BUNDLE = PROJECT / "sample"
AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
FILLED_BY_MAPPINGS = {("page_views", "source"), ("order_lines", "label")}
# RFC 2606: names that nobody can own.
INVENTED = re.compile(r"(^|\.)(example|example\.(com|org|net))$")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    generate(out, people=400, seed=11, as_of=AS_OF)
    return out


def _digests(folder: Path) -> dict[str, str]:
    return {file["path"]: file["sha256"] for file in json.loads((folder / "SAMPLE.json").read_text())["files"]}


def _clean_files(folder: Path, entity: str) -> list[Path]:
    return [path for path in sorted((folder / entity).iterdir()) if not path.name.startswith("odd_")]


def _headers(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        return [row[0] for row in duckdb.sql(f"describe select * from read_parquet('{path}')").fetchall()]
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        if ".jsonl" in path.name:
            return list(json.loads(next(file)))
        return next(csv.reader(file))


def test_same_people_seed_and_moment_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, people=400, seed=11, as_of=AS_OF)
    assert (tmp_path / "SAMPLE.json").read_bytes() == (folder / "SAMPLE.json").read_bytes()


def test_another_seed_gives_other_people(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, people=400, seed=12, as_of=AS_OF)
    mine, other = _digests(folder), _digests(tmp_path)
    assert mine["contacts/crm.csv"] != other["contacts/crm.csv"]


def test_bundled_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    made = json.loads((BUNDLE / "SAMPLE.json").read_text())
    generate(tmp_path, people=made["people"], seed=made["seed"], as_of=datetime.fromisoformat(made["as_of"]))
    assert json.loads((tmp_path / "SAMPLE.json").read_text()) == made
    # the manifest could be right about files that were touched since
    for path in _digests(BUNDLE):
        assert (BUNDLE / path).read_bytes() == (tmp_path / path).read_bytes(), path


def test_every_entity_is_there_with_exactly_the_headers_of_its_contract(folder: Path) -> None:
    for entity, contract in ENTITIES.items():
        files = _clean_files(folder, entity)
        assert files, entity
        for path in files:
            assert _headers(path) == [name for name in contract.names if (entity, name) not in FILLED_BY_MAPPINGS], path


def test_vendor_folders_name_mappings_that_exist(folder: Path) -> None:
    vendor = {path.name.partition("@")[2] for path in folder.iterdir() if "@" in path.name}
    assert vendor == {
        "hubspot", "mailchimp", "salesforce_contact_point_consent", "shopify_customer", "shopify_order",
    }  # fmt: skip
    assert vendor <= set(known_mappings(PROJECT))


def test_no_domain_belongs_to_anybody(folder: Path) -> None:
    for path in sorted(folder.glob("*/*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if path.suffix == ".parquet":
            raw = "\n".join(
                str(row) for row in duckdb.sql(f"select login_identifier, url from read_parquet('{path}')").fetchall()
            ).encode()
        for domain in re.findall(r"@([\w-]+(?:\.[\w-]+)+)", raw.decode("latin-1").lower()):
            assert INVENTED.search(domain), (path.name, domain)


def test_clear_phone_numbers_are_possible_ones(folder: Path) -> None:
    with (folder / "suppressions" / "lists.csv").open(encoding="utf-8") as file:
        numbers = [row["identifier"] for row in csv.DictReader(file) if row["identifier_kind"] == "phone"]
    assert numbers
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers)


def test_nothing_but_late_recording_lies_after_the_moment_of_the_sample(folder: Path) -> None:
    latest = AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ")
    for entity, contract in ENTITIES.items():
        times = [c.name for c in contract.columns if c.kind == "time" and c.name not in ("recorded_at", "valid_until")]
        for path in _clean_files(folder, entity):
            reader = {".parquet": "read_parquet('{}')", ".jsonl": "read_json('{}')"}.get(
                Path(path.name.removesuffix(".gz")).suffix, "read_csv('{}', all_varchar = true)"
            )
            for name in times:
                (late,) = duckdb.sql(
                    f"select count(*) from {reader.format(path)} where {name}::timestamptz > '{latest}'::timestamptz"
                ).fetchone()
                assert late == 0, (path.name, name)


def test_consent_events_keep_their_ids_apart(folder: Path) -> None:
    # an id that comes back with other content counts as a revision of evidence
    path = folder / "consent_events" / "events.jsonl.gz"
    rows, ids = duckdb.sql(
        f"select count(*), count(distinct (source, source_event_id)) from read_json('{path}')"
    ).fetchone()
    assert rows == ids


def test_odd_files_hold_the_rows_they_promise(folder: Path) -> None:
    listed = {file["path"]: file for file in json.loads((folder / "SAMPLE.json").read_text())["files"]}
    for oddity in oddities():
        assert listed[oddity.path]["rows"] == oddity.rows
        # a larger share would stop the run, and the demo must go through
        assert sum(oddity.quarantined.values()) <= oddity.rows / 2
    latin = (folder / "contacts" / "odd_latin1.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        latin.decode("utf-8")
    windows = (folder / "contacts" / "odd_bom_crlf.csv").read_bytes()
    assert windows.startswith(b"\xef\xbb\xbf") and b"\r\n" in windows
    assert windows == (folder / "contacts" / "odd_bom_crlf_again.csv").read_bytes()


def test_bench_scale_writes_clicks_by_day_in_parquet(tmp_path: Path) -> None:
    files = generate(tmp_path, people=150, seed=3, as_of=AS_OF, scale=Scale.BENCH)
    days = [file for file in files if file.path.startswith("page_views/20")]
    assert len(days) > 85 and all(file.path.endswith(".parquet") for file in days)
    rows = {file.path: file.rows for file in files}
    views = sum(file.rows for file in days)
    mails = sum(rows[path] for path in rows if path.startswith("email_events/20"))
    # per person: 20 clicks, 5 e-mail events, 4 consent events, 1.8 orders, give or take the smallness of the sample
    assert 14 < views / 150 < 28
    assert 3.5 < mails / 150 < 7
    assert 2.5 < rows["consent_events/events.parquet"] / 150 < 6
    assert 1 < rows["orders/orders.parquet"] / 150 < 2.6


def test_a_folder_that_is_no_sample_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("keep me")
    with pytest.raises(ValueError, match="not a sample"):
        generate(tmp_path, people=200, seed=1, as_of=AS_OF)
    assert (tmp_path / "mine.csv").read_text() == "keep me"
