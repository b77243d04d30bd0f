"""The component macro against networkx: random graphs, and the shapes that make naive algorithms slow."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import duckdb
import jinja2
import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MACRO = Path(__file__).resolve().parents[2] / "macros" / "connected_components.sql"


class _Return(Exception):
    """How dbt's `return` leaves a macro."""


class Components:
    """The macro as dbt runs it: `run_query` on one connection, `return` as an exception."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.queries = 0
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals.update(
            execute=True, flags={"WHICH": "run"}, run_query=self._query, **{"return": self._return}
        )
        self._module = environment.from_string(MACRO.read_text()).module

    def _query(self, sql: str) -> list[tuple]:
        self.queries += 1
        return self.connection.execute(sql).fetchall()

    @staticmethod
    def _return(value: str) -> None:
        raise _Return(value)

    def of(self, edges: list[tuple[int, int]]) -> set[frozenset[int]]:
        """Return the components of a graph as sets of nodes, each named by one of its nodes."""
        self.connection.execute("create or replace table edges (a bigint, b bigint)")
        if edges:
            values = ", ".join(f"({a}, {b})" for a, b in edges)
            self.connection.execute(f"insert into edges values {values}")
        with pytest.raises(_Return) as returned:
            self._module.connected_components("select a, b from edges", "test")
        found = self.connection.execute(str(returned.value)).fetchall()
        assert len(found) == len({node for node, _ in found})
        components: dict[int, set[int]] = {}
        for node, component in found:
            components.setdefault(component, set()).add(node)
        assert all(name in nodes for name, nodes in components.items())
        left = self.connection.execute(
            "select count(*) from duckdb_tables() where table_name like 'test_round_%'"
        ).fetchone()
        assert left == (0,)
        return {frozenset(nodes) for nodes in components.values()}


def expected(edges: list[tuple[int, int]]) -> set[frozenset[int]]:
    graph = networkx.Graph((a, b) for a, b in edges if a != b)
    return {frozenset(nodes) for nodes in networkx.connected_components(graph)}


@pytest.fixture(scope="module")
def components() -> Components:
    return Components()


_node = st.integers(min_value=0, max_value=25)


@given(st.lists(st.tuples(_node, _node), max_size=40))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_random_graphs_have_the_components_of_networkx(edges: list[tuple[int, int]]) -> None:
    assert _shared.of(edges) == expected(edges)


_shared = Components()


def test_a_large_mixed_graph_with_sparse_ids(components: Components) -> None:
    draw = random.Random(7)
    ids = draw.sample(range(10**15), 6000)
    edges = [(draw.choice(ids), draw.choice(ids)) for _ in range(2500)]
    edges += [(ids[0], other) for other in ids[:1500]]  # a star
    edges += itertools.pairwise(ids[3000:4200])  # a chain in random order of ids
    edges += [(b, a) for a, b in edges[:500]]  # both directions
    assert components.of(edges) == expected(edges)


@pytest.mark.parametrize("shape", ["ascending", "descending", "zigzag"])
def test_a_long_chain_needs_few_rounds(components: Components, shape: str) -> None:
    nodes = list(range(3000))
    if shape == "descending":
        nodes.reverse()
    elif shape == "zigzag":
        nodes = [node for pair in zip(nodes[:1500], nodes[:1499:-1], strict=True) for node in pair]
    before = components.queries
    assert components.of(list(itertools.pairwise(nodes))) == {frozenset(range(3000))}
    assert (
        components.queries - before - 3
    ) / 3 < 25  # three statements a round; by the smallest id it would be 3,000 rounds
