"""The groups of the asset graph, left to right, and who answers for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LANDING = "landing"
DOOR = "door"
LEDGER = "ledger"
ACTIVATION = "activation"
CONSENT = "consent"
EXPORTS = "exports"
PUBLISHED = "published"

# Folder of a dbt node below models/ (the deepest that is listed counts) -> group.
_FOLDERS = {
    ("staging",): "staging",
    ("intermediate", "consent"): CONSENT,
    ("intermediate", "explain"): "consent",
    ("intermediate", "oversight"): "consent",
    ("audit",): "consent",
    ("intermediate", "identity"): "identity",
    ("intermediate", "behaviour"): "behaviour",
    ("intermediate", "dark_social"): "behaviour",
    ("intermediate", "enrichment"): "enrichment",
    ("intermediate", "funnel"): "behaviour",
    ("intermediate", "social"): "enrichment",
    ("intermediate", "profile"): "profile",
    ("marts", "people"): "marts_people",
    ("marts", "engagement"): "marts_engagement",
    ("marts", "consent"): "marts_consent",
    ("marts", "activation"): "marts_activation",
    ("marts", "operations"): "marts_operations",
    ("segments",): "segments",
    ("activation",): ACTIVATION,
}

_TEAMS = {
    LANDING: "team:data-engineering",
    "staging": "team:data-engineering",
    "identity": "team:data-engineering",
    "behaviour": "team:data-engineering",
    "enrichment": "team:data-engineering",
    "profile": "team:data-engineering",
    "marts_operations": "team:data-engineering",
    PUBLISHED: "team:data-engineering",
    "reference": "team:privacy",
    LEDGER: "team:privacy",
    DOOR: "team:privacy",
    CONSENT: "team:privacy",
    "marts_consent": "team:privacy",
    "marts_people": "team:marketing",
    "marts_engagement": "team:marketing",
    "marts_activation": "team:marketing",
    "segments": "team:marketing",
    ACTIVATION: "team:marketing",
    EXPORTS: "team:marketing",
}


def owner(group: str) -> str:
    """Return the team that answers for a group.

    Raises:
        KeyError: The group is not declared here.
    """
    return _TEAMS[group]


def group_of(node: Mapping[str, Any]) -> str:
    """Return the group of a dbt node from the folder it lies in.

    Raises:
        ValueError: The folder is not declared here; a new layer must be given a group.
    """
    if node["resource_type"] == "seed":
        return "reference"
    folders = tuple(node["fqn"][1:-1])
    for depth in range(len(folders), 0, -1):
        if folders[:depth] in _FOLDERS:
            return _FOLDERS[folders[:depth]]
    raise ValueError(f"no group for models/{'/'.join(folders)}; declare it in assets/groups.py")
