"""The whole job through the command line, on a small sample: what a user sees, run after run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from datetime import datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from samtykke.segments.compiled import Compiler
from samtykke.segments.draft import read_draft
from samtykke.segments.located import read_located
from samtykke.segments.preview import preview_segment
from samtykke.settings import Settings
from tests.orchestration.nightly_home import PROJECT, Nightly, Ran


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def first(nightly: Nightly) -> Ran:
    return nightly.run()


def test_the_first_run_publishes_and_exports(nightly: Nightly, first: Ran) -> None:
    assert first.exit_code == 0, first.errors
    assert first.content["summary"]["people"] > 0
    assert any(export["build_id"] for export in first.content["outcome"]["exports"])
    with duckdb.connect(str(nightly.home / "published" / "marts.duckdb"), read_only=True) as connection:
        schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert schemas == [("marts",)]
    for page in ("docs/data_docs/index.html", "docs/dbt/index.html", "published/parquet/customer_profile.parquet"):
        assert (nightly.home / page).exists(), page


def test_the_run_stands_in_dagster_with_rows_and_checks(
    nightly: Nightly, first: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(nightly.home / "dagster"))
    with dg.DagsterInstance.from_config(str(nightly.home / "dagster")) as instance:
        assert instance.get_run_by_id(first.content["outcome"]["run_id"]).status is dg.DagsterRunStatus.SUCCESS
        for key in (["raw", "contacts"], ["marts", "customer_profile"]):
            event = instance.get_latest_materialization_event(dg.AssetKey(key))
            assert event.asset_materialization.metadata["dagster/row_count"].value > 0


def test_no_secret_and_no_clear_identifier_in_what_a_run_leaves_open(nightly: Nightly, first: Ran) -> None:
    """Logs, Dagster's storage, dbt's target and the docs are read by people who may not see the vault."""
    pepper = (nightly.home / "pepper.key").read_bytes().strip()
    with duckdb.connect(str(nightly.home / "vault.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select value from identifiers where identifier_kind in ('email', 'phone') order by value limit 200"
        ).fetchall()
    secrets = [pepper, *(value.encode() for (value,) in rows)]
    assert len(secrets) > 100
    for folder in ("logs", "dagster", "dbt", "docs", "published"):
        for file in sorted((nightly.home / folder).rglob("*")):
            if file.is_file() and not file.is_symlink():
                content = file.read_bytes()
                assert not [secret for secret in secrets if secret in content], file


def test_the_trees_of_all_segments_find_whom_their_sql_by_hand_finds(nightly: Nightly, first: Ran) -> None:
    trees = PROJECT / "tests" / "data" / "segment_trees"
    compiler = Compiler(PROJECT, {})
    moment = f"timestamp '{datetime.fromisoformat(nightly.as_of):%Y-%m-%d %H:%M:%S}'"
    found: dict[str, list[str]] = {}
    with duckdb.connect(str(nightly.home / "published" / "marts.duckdb"), read_only=True) as connection:
        connection.execute("set search_path = 'marts.marts'")

        def people(sql: str) -> list[str]:
            rendered = re.sub(r"{{ ref\('(\w+)'\) }}", r"\1", sql).replace("{{ as_of() }}", moment)
            return sorted(person for (person,) in connection.execute(rendered).fetchall())

        for file in sorted(trees.glob("*.yml")):
            found[file.stem] = people(compiler.tree_sql(read_located(file)))
            by_hand = trees / f"{file.stem}.sql"
            written = by_hand if by_hand.exists() else PROJECT / "models" / "segments" / by_hand.name
            assert found[file.stem] == people(written.read_text()), file.stem
        members = dict(connection.execute("select segment, count(*) from segment_members group by 1").fetchall())
    assert {name: len(who) for name, who in found.items()} == members
    assert all(members.values())


def test_a_preview_counts_what_the_night_counted_and_leaves_no_trace(
    nightly: Nightly, first: Ran, tmp_path: Path
) -> None:
    settings = Settings(home=nightly.home)
    before = (settings.warehouse.read_bytes(), settings.ledger.read_bytes())
    with duckdb.connect(str(nightly.home / "published" / "marts.duckdb"), read_only=True) as connection:
        counted = connection.execute("""
            select segment, recipient, step, people, dropped, reason from marts.marts.audience_waterfall
            where counted_from = 'people' order by segment, recipient, step_number
        """).fetchall()
        shared = connection.execute("""
            select a.segment, b.segment, count(*) from marts.marts.segment_members as a
            inner join marts.marts.segment_members as b using (person_id) where a.segment <> b.segment group by all
        """).fetchall()
    segments = sorted({row[0] for row in counted})
    seen = {name: preview_segment(settings, read_draft(PROJECT, name)) for name in segments}
    assert counted == [
        (name, waterfall.recipient, step.step, step.people, step.dropped, step.reason)
        for name, found in seen.items()
        for waterfall in found.waterfalls
        for step in waterfall.steps
    ]
    assert {
        (name, other.segment, other.both) for name, found in seen.items() for other in found.overlaps if other.both
    } == {*shared}
    # one that is not in the project yet, weighed against the others
    draft = tmp_path / "idea.yml"
    draft.write_text("holdout_share: 0.5\nfrequency_cap: {audiences: 1, days: 30}\nwho: {event: visited}\n")
    idea = preview_segment(settings, read_draft(PROJECT, str(draft)), ["meta"])
    (waterfall,) = idea.waterfalls
    lost = {step.reason: step.dropped for step in waterfall.steps if step.reason}
    assert idea.before is None and lost["held_out"] > 0 and lost["capped"] > 0
    assert set(idea.purposes) == {"analytics.behaviour", "identity.linking", "service"}
    assert not re.search(
        r"[0-9a-f]{8}-[0-9a-f]{4}-", json.dumps([idea.to_dict(), *(s.to_dict() for s in seen.values())])
    )
    assert before == (settings.warehouse.read_bytes(), settings.ledger.read_bytes())


def test_a_second_run_writes_nothing_new_and_an_unreadable_file_does_not_stop_the_others(
    nightly: Nightly, first: Ran
) -> None:
    before = {name: digests(nightly.home / name) for name in ("exports", "published")}
    broken = nightly.landing / "orders" / "broken.csv"
    broken.write_text("source,order_id,source\ncrm,1,x\n")
    second = nightly.run()
    broken.unlink()
    assert second.exit_code == 3, second.errors
    (refused,) = second.content["outcome"]["refused"]
    assert refused.startswith("orders/broken.csv: ")
    assert all(export["build_id"] is None for export in second.content["outcome"]["exports"])
    assert digests(nightly.home / "exports") == before["exports"]
    tables = {row["name"]: row for row in _published(nightly)}
    assert tables["customer_profile"]["rows"] == first.content["summary"]["people"]


def test_without_a_consent_file_nothing_leaves(nightly: Nightly, first: Ran) -> None:
    """The file that cannot be read may be the one that holds the withdrawal."""
    before = {name: digests(nightly.home / name) for name in ("exports", "published")}
    broken = nightly.landing / "consent_events" / "broken.csv"
    broken.write_text("source,source\ncrm,1\n")
    shutil.copy(broken, nightly.landing / "orders" / "also_broken.csv")
    blocked = nightly.run()
    broken.unlink()
    (nightly.landing / "orders" / "also_broken.csv").unlink()
    assert blocked.exit_code == 3, blocked.errors
    assert {line.split(":")[0] for line in blocked.content["outcome"]["refused"]} == {
        "consent_events/broken.csv",
        "orders/also_broken.csv",
    }
    assert blocked.content["outcome"]["exports"] is None
    assert {name: digests(nightly.home / name) for name in ("exports", "published")} == before


def _published(nightly: Nightly) -> list[dict]:
    return json.loads((nightly.home / "published" / "manifest.json").read_text())["tables"]
