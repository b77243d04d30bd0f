"""Laws of the graph: no path from personal data to a file goes round the gate, whoever adds what."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from samtykke.lineage.check import check_manifest
from samtykke.segments.properties import read_properties

PROJECT = Path(__file__).resolve().parents[2]
EXPORTED = "audience_identifiers"  # the one model whose rows become rows of a file
GATES = {"audience_members", "recipient_identifiers"}
CONSENT = {"int_consent__person_permissions", "int_consent__exit_permissions"}


@pytest.fixture(scope="module")
def parents(manifest):
    """Names by name, of models, seeds and sources."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    named = {key: node["name"] for key, node in nodes.items()}
    return {
        node["name"]: {named[key] for key in node.get("depends_on", {}).get("nodes", [])}
        for node in nodes.values()
        if node["resource_type"] in ("model", "seed", "source")
    }


def ancestors(parents, of, without=frozenset()):
    found, waiting = set(), [of]
    while waiting:
        for parent in parents[waiting.pop()] - without - found:
            found.add(parent)
            waiting.append(parent)
    return found


def names(manifest, kind, **conditions):
    return {
        node["name"]
        for node in {**manifest["nodes"], **manifest["sources"]}.values()
        if node["resource_type"] == kind and all(node.get(key) == value for key, value in conditions.items())
    }


def test_every_path_to_a_file_passes_a_gate(manifest, parents):
    around = ancestors(parents, EXPORTED, without=GATES)
    assert around <= names(manifest, "seed") | {"segment_purposes"}


def test_both_gates_ask_the_consent_models(parents):
    for gate in GATES:
        assert CONSENT & ancestors(parents, gate)
    assert ancestors(parents, "audience_members") >= CONSENT
    assert parents["segment_permissions"] & CONSENT and parents["recipient_identifiers"] & CONSENT


def test_the_export_reads_no_other_model_for_what_it_adds():
    sources = [file.read_text() for file in (PROJECT / "samtykke" / "activation").rglob("*.py")]
    read = {name for source in sources for name in re.findall(r"\b(?:from|join)\s+activation\.(\w+)", source)}
    # audience_step_counts tells people who was left out
    assert read == {EXPORTED, "sent_standings", "export_gate", "obligations_due", "audience_step_counts"}


def test_segments_read_public_marts_only_and_are_read_by_one_model_only(manifest, parents):
    segments = {node["name"] for node in manifest["nodes"].values() if node["fqn"][1:2] == ["segments"]}
    segments &= names(manifest, "model")
    public = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["fqn"][1:2] == ["marts"] and node["fqn"][2] != "activation"
    }
    for segment in segments:
        assert parents[segment] and parents[segment] <= public, segment
    readers = {name for name, theirs in parents.items() if theirs & segments}
    assert readers == {"segment_members"}


def test_every_file_in_segments_is_declared_described_and_exported_under_its_name():
    folder = PROJECT / "models" / "segments"
    files = sorted(file.stem for file in folder.glob("*.sql"))
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["segments"]
    assert declared == files and len(files) >= 8
    described = {
        model["name"]: model
        for file in folder.glob("*.yml")
        for model in yaml.safe_load(file.read_text()).get("models", [])
    }
    assert sorted(described) == files
    for name, model in described.items():
        assert {"title", "owner", "why"} <= set(model["config"]["meta"]), name
        assert model["description"].startswith("One row per person"), name
    assert [item.segment for item in read_properties(PROJECT)] == files


def test_segments_say_nothing_of_consent():
    words = ("consent", "permi", "purpose", "masked", "suppress", "recipient")
    for file in (PROJECT / "models" / "segments").glob("*.sql"):
        assert not [word for word in words if word in file.read_text().lower()], file.name


def test_interests_that_segments_name_are_in_the_taxonomy():
    with open(PROJECT / "seeds" / "interest_taxonomy.csv", newline="") as source:
        labels = {row["interest_id"]: row["label"] for row in csv.DictReader(source)}
    for file in (PROJECT / "models" / "segments").glob("*.sql"):
        named = dict(re.findall(r"'(\d+)',? *-- (.+)", file.read_text()))
        assert named.items() <= labels.items(), file.name


def test_the_steps_of_the_waterfall_cover_every_reason(manifest):
    with open(PROJECT / "seeds" / "audience_steps.csv", newline="") as source:
        steps = {row["reason"] for row in csv.DictReader(source) if row["counted_from"] == "people"} - {""}
    (members,) = [node for node in manifest["nodes"].values() if node["name"] == "audience_members"]
    (allowed,) = [
        node["test_metadata"]["kwargs"]["values"]
        for node in manifest["nodes"].values()
        if node.get("attached_node") == members["unique_id"] and node["test_metadata"]["name"] == "accepted_values"
    ]
    assert steps == {"not_in_segment", *allowed}


def test_the_purposes_of_every_segment_can_be_derived(manifest):
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    needed: dict[str, set[str]] = {}
    for use in check_manifest(manifest, variables, PROJECT).uses:
        needed.setdefault(use.segment, set()).add(use.purpose)
    labelled = {
        node["name"]: set(node["columns"]["person_id"]["config"]["meta"]["purposes"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "segments"
    }
    assert needed == labelled
    assert "analytics.behaviour" in needed["browsed_not_bought"] & needed["reads_email_never_buys"]
    assert needed["outdoor_interest"] == {"enrichment.interests", "service"}
