"""What the asset graph promises a reader: laws over every asset, and a snapshot of what dbt does not decide."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from assets.deliveries import ledger_key
from assets.ingest import READABLE_CHECK
from assets.jobs import NIGHTLY
from samtykke.activation import guards
from samtykke.activation.accounts import declared_accounts
from samtykke.intake import DECIDING_ENTITIES
from samtykke.segments.properties import declared_recipients, read_properties, used_recipients
from samtykke.settings import Settings
from samtykke.views import STEPS

SNAPSHOT = Path(__file__).with_name("graph.json")


def executable(graph: dg.AssetGraph) -> list:
    return [graph.get(key) for key in sorted(graph.executable_asset_keys)]


def ancestors(graph: dg.AssetGraph, key: dg.AssetKey) -> set[dg.AssetKey]:
    found: set[dg.AssetKey] = set()
    todo = [key]
    while todo:
        parents = graph.get(todo.pop()).parent_keys - found
        found |= parents
        todo += parents
    return found


def test_every_asset_says_what_it_is_and_who_answers_for_it(graph: dg.AssetGraph) -> None:
    bare = [
        node.key.to_user_string()
        for node in executable(graph)
        if not node.description or not node.owners or not node.kinds or node.group_name == "default"
    ]
    assert bare == []


def test_audiences_see_no_consent_older_than_the_last_load(graph: dg.AssetGraph) -> None:
    """An export that does not lie behind every deciding input would leave with yesterday's consent."""
    for key in [key for key in graph.executable_asset_keys if key.path[0] == "exports"]:
        before = ancestors(graph, key)
        for entity in DECIDING_ENTITIES:
            assert dg.AssetKey(["raw", entity]) in before, (key, entity)


def test_what_a_model_reads_as_the_last_build_left_it_is_not_waited_for(graph: dg.AssetGraph) -> None:
    behind = {key.path[-1] for key in ancestors(graph, dg.AssetKey(["intermediate", "int_identity__lost_anchors"]))}
    assert {"persons", "record_people", "int_identity__record_components"} <= behind
    assert not {"int_identity__person_registry", "int_identity__record_people"} & behind


def test_nothing_is_built_of_peoples_data_before_their_labels_hold(graph: dg.AssetGraph) -> None:
    labels = dg.AssetKey(["lineage", "columns"])
    assert any(check.blocking for check in graph.asset_check_nodes if check.key.asset_key == labels)
    for key in [key for key in graph.executable_asset_keys if key.path[0] in ("staging", "marts", "exports")]:
        assert labels in ancestors(graph, key), key


def test_segments_and_recipients_show_the_derived_purposes(graph: dg.AssetGraph) -> None:
    browsed = graph.get(dg.AssetKey(["segments", "browsed_not_bought"]))
    assert browsed.metadata["derived_purposes"] == "analytics.behaviour, identity.linking, service"
    assert "web_sessions.person_id" in browsed.description
    (shown,) = [
        record.data["needs"]
        for record in graph.get(dg.AssetKey(["exports", "meta"])).metadata["derived_purposes"].records
        if record.data["segment"] == "browsed_not_bought"
    ]
    assert shown == "analytics.behaviour, identity.linking, service"


def test_every_audience_is_an_asset_behind_its_segment_with_guards_that_block(
    graph: dg.AssetGraph, settings: Settings
) -> None:
    audiences = {
        dg.AssetKey(["exports", recipient, declared.segment]): declared.segment
        for declared in read_properties(settings.project)
        for recipient in declared.destinations
    }
    assert audiences
    for key, segment in audiences.items():
        assert dg.AssetKey(["segments", segment]) in graph.get(key).parent_keys
        assert graph.get(key).group_name == f"exports_{key.path[1]}"
        checks = {check.key.name for check in graph.asset_check_nodes if check.key.asset_key == key and check.blocking}
        assert checks == set(guards.OF_AN_AUDIENCE)


def test_what_tells_of_exports_waits_for_no_guard(graph: dg.AssetGraph, settings: Settings) -> None:
    """A blocking check before them would hide what every other recipient got from whoever reads the marts."""
    guarded = {check.key.asset_key for check in graph.asset_check_nodes if check.blocking}
    for name in ("deliveries", "obligations"):
        before = {
            key for key in graph.get(dg.AssetKey(["marts", name])).parent_keys if "exports" in key.to_user_string()
        }
        assert before == {ledger_key(recipient) for recipient in declared_recipients(settings.project)}
        assert not before & guarded


def test_one_account_is_one_pool(tmp_path: Path, settings: Settings) -> None:
    """Two recipients of one account at once would break an exchange of a list that one of them has begun."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "recipients.csv").write_text(
        "recipient,title,export_format\nmeta,Meta,meta\nmeta_b2b,Meta B2B,meta\nmailchimp,Mailchimp,mailchimp\n"
    )
    own = settings.model_copy(update={"project": tmp_path})
    (tmp_path / "deliveries.yml").write_text(
        "meta: {transport: api, options: {account: '77'}}\nmeta_b2b: {transport: api, options: {account: '77'}}\n"
    )
    pools = {account.recipient: account.pool for account in declared_accounts(own)}
    assert pools == {"meta": "account_meta_77", "meta_b2b": "account_meta_77", "mailchimp": "account_mailchimp"}
    (tmp_path / "deliveries.yml").write_text("meta: {transprt: api}\n")
    assert {account.transport for account in declared_accounts(own)} == {"file"}


def test_social_data_waits_for_the_door(graph: dg.AssetGraph) -> None:
    door = dg.AssetKey(["intermediate", "int_consent__door_permissions"])
    for entity in ("social_profiles", "social_posts", "social_edges", "text_interests"):
        assert door in ancestors(graph, dg.AssetKey(["raw", entity]))
        assert dg.AssetKey(["raw", entity]) not in ancestors(graph, door)


def test_a_refused_deciding_file_blocks_and_another_does_not(graph: dg.AssetGraph) -> None:
    blocking = {
        check.key.asset_key.path[-1]
        for check in graph.asset_check_nodes
        if check.key.name == READABLE_CHECK and check.blocking
    }
    assert blocking == DECIDING_ENTITIES


def test_no_dbt_test_is_lost_between_the_phases(graph: dg.AssetGraph, settings: Settings) -> None:
    """dbt's default selection would drop a test that reads both sides of the door, or run it a phase too early."""
    manifest = json.loads((settings.home / "dbt" / "manifest" / "manifest.json").read_text())
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    checks = {key.name for key in graph.asset_check_keys}
    assert sorted(tests - checks) == []


def test_every_consumer_is_an_exposure(settings: Settings) -> None:
    """Lineage must end at somebody: each recipient of an audience, and BI for every mart."""
    manifest = json.loads((settings.home / "dbt" / "manifest" / "manifest.json").read_text())
    exposures = {exposure["name"]: exposure["depends_on"]["nodes"] for exposure in manifest["exposures"].values()}
    assert set(used_recipients(settings.project)) <= set(exposures)
    marts = {key for key, node in manifest["nodes"].items() if node["fqn"][1] == "marts" and key.startswith("model.")}
    assert marts - set(exposures["business_intelligence"]) == set()


def test_the_job_is_the_whole_graph_with_one_step_at_a_time(definitions: dg.Definitions, graph: dg.AssetGraph) -> None:
    job = definitions.resolve_job_def(NIGHTLY)
    assert set(job.asset_layer.executable_asset_keys) == set(graph.executable_asset_keys)
    assert job.executor_def.name == "in_process"


def test_graph_around_dbt_is_as_recorded(graph: dg.AssetGraph) -> None:
    """Frozen, so that a change of the graph is seen in review; deleted, the file is written anew."""
    seen = {
        node.key.to_user_string(): {
            "group": node.group_name,
            "owners": sorted(node.owners),
            "blocking_checks": sorted(
                check.key.name
                for check in graph.asset_check_nodes
                if check.key.asset_key == node.key and check.blocking
            ),
            "other_checks": sorted(
                check.key.name
                for check in graph.asset_check_nodes
                if check.key.asset_key == node.key and not check.blocking
            ),
        }
        for node in executable(graph)
        if "dbt" not in node.kinds
    }
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(json.dumps(seen, indent=2) + "\n")
        pytest.fail(f"{SNAPSHOT.name} did not exist and was written; read it and commit it")
    assert seen == json.loads(SNAPSHOT.read_text())


def test_dagster_validates_the_code_location(settings: Settings) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=root,
        env={**os.environ, "SAMTYKKE_HOME": str(settings.home), "DAGSTER_DISABLE_TELEMETRY": "yes"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_step_of_the_night_has_a_name_for_people(definitions):
    plan = [node.name for node in definitions.resolve_job_def(NIGHTLY).nodes_in_topological_order]
    assert [step for step in plan if step not in STEPS and not step.startswith("deliver_to_")] == []
    assert set(STEPS) - {"prepare"} <= set(plan)  # which comes before there is a job
