"""The nodes of the IAB Content Taxonomy 3.1 that are used here, with labels, parents and the special categories."""

from __future__ import annotations

import csv
import functools
from importlib import resources
from typing import NamedTuple


class Node(NamedTuple):
    """A row of ``data/taxonomy.csv`` (also the seed ``interest_taxonomy``)."""

    interest_id: str
    parent_id: str
    label: str
    is_special_category: bool


@functools.cache
def taxonomy() -> dict[str, Node]:
    """Return the nodes by id, read once."""
    text = resources.files(__package__).joinpath("data/taxonomy.csv").read_text(encoding="utf-8")
    nodes = {}
    for row in csv.DictReader(text.splitlines()):
        special = row["is_special_category"] == "true"
        nodes[row["interest_id"]] = Node(row["interest_id"], row["parent_id"], row["label"], special)
    return nodes


@functools.cache
def ancestors(interest_id: str) -> frozenset[str]:
    """Return a node's id and the ids of all nodes above it."""
    found, nodes = set(), taxonomy()
    while interest_id in nodes and interest_id not in found:
        found.add(interest_id)
        interest_id = nodes[interest_id].parent_id
    return frozenset(found)


def is_special(interest_id: str) -> bool:
    """Whether a node, or one above it, is a special category (GDPR Art. 9); an unknown node counts as one."""
    nodes = taxonomy()
    return interest_id not in nodes or any(nodes[found].is_special_category for found in ancestors(interest_id))
