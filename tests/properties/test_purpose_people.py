"""Who is one person for a purpose: the models against plain graphs, on random records, links and permissions.

No path in a purpose uses a link without it, and purposes nest: account, purpose, person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb
import jinja2
import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.identity_components import run_macro

MODELS = Path(__file__).resolve().parents[2] / "models" / "intermediate" / "identity" / "purposes"
ORDER = (
    "permitted_uses",
    "permitting_records",
    "doubtful_uses",
    "use_links",
    "core_parts",
    "use_core_parts",
    "use_parts",
    "withheld_records",
)
PURPOSES = ("analytics.behaviour", "enrichment.social")
KINDS = ("email", "phone", "likeness")
_INPUTS = """
    create table int_consent__permissions (identifier_key varchar, purpose varchar, channel varchar, recipient varchar,
        is_permitted boolean, controller varchar);
    create table link_purposes (link varchar, purpose varchar);
    create table purposes (purpose varchar, kind varchar, is_permitted_by_contract boolean);
    create table int_identity__person_identifiers (person_id bigint, identifier_key varchar, identifier_kind varchar,
        link_kind varchar, is_blocked boolean, is_shared boolean);
    create table int_identity__work_mentions (record_number bigint, identifier_number bigint, entity varchar);
    create table int_identity__person_records (person_id bigint, record_key varchar, entity varchar, source varchar,
        record_number bigint);
    create table int_identity__persons (person_id bigint, record_count bigint, anchor_record_key varchar);
    create table int_identity__record_parts (record_number bigint, part_id bigint);
    create table int_identity__links (record_number bigint, node_id bigint);
    create table int_identity__linked_identifiers (node_id bigint, identifier_number bigint, link_kind varchar,
        cluster_id bigint);
    create table int_identity__record_clusters (record_number bigint, cluster_id bigint);
    create table int_identity__limited_nodes (node_id bigint);
    create table int_identity__guarded_identifiers (identifier_number bigint, identifier_kind varchar);
    create table int_identity__alike_decisions (record_a varchar, record_b varchar, pair_key varchar, decision varchar);
"""


@dataclass(frozen=True)
class Record:
    key: str
    source: str
    entity: str
    identifiers: frozenset[str]


@dataclass(frozen=True)
class World:
    """Records, who granted what, what links within a source only, which pairs are alike, what links may serve."""

    records: tuple[Record, ...]
    granted: frozenset[tuple[str, str]]
    limited: frozenset[str]
    alike: frozenset[tuple[str, str]]
    usable: frozenset[tuple[str, str]]

    def nodes(self, record: Record) -> dict[str, str]:
        """What the record is linked by: node and kind; a limited identifier is another node in each source."""
        named = {f"{key} {record.source if key in self.limited else ''}": _kind(key) for key in record.identifiers}
        return named | {f"pair {pair}": "likeness" for pair in self.alike if record.key in pair}

    def joined(self, records: Iterable[Record], kinds: set[str]) -> list[set[Record]]:
        graph = networkx.Graph()
        for record in records:
            graph.add_node(record)
            graph.add_edges_from((record, node) for node, kind in self.nodes(record).items() if kind in kinds)
        found = networkx.connected_components(graph)
        return [{node for node in nodes if isinstance(node, Record)} for nodes in found]

    def people(self) -> list[set[Record]]:
        return self.joined(self.records, {"account", *KINDS})

    def parts(self, person: set[Record], purpose: str) -> list[set[Record]]:
        """The parts of a person that permit a purpose: accounts that do, joined by links that serve it."""
        granted = {key for key, of in self.granted if of == purpose}
        spoken = granted | {
            key for r in person if r.entity == "contacts" and r.identifiers & granted for key in r.identifiers
        }
        cores = self.joined(person, {"account"})
        permitting = [core for core in cores if any(record.identifiers & spoken for record in core)]
        graph = networkx.Graph()
        for number, core in enumerate(permitting):
            graph.add_node(number)
            for record in core:
                for node, kind in self.nodes(record).items():
                    if (kind, purpose) in self.usable:
                        graph.add_edge(number, node)
        return [
            {record for node in nodes if isinstance(node, int) for record in permitting[node]}
            for nodes in networkx.connected_components(graph)
        ]

    def withheld(self) -> set[tuple[str, str]]:
        """What may not be used for a purpose although its person permits it."""
        found = set()
        for person in self.people():
            anchor = min(record.key for record in person)
            for purpose in PURPOSES:
                parts = self.parts(person, purpose)
                if parts:
                    shown = min(
                        parts,
                        key=lambda part: (
                            anchor not in {record.key for record in part},
                            -len(part),
                            min(record.key for record in part),
                        ),
                    )
                    found |= {(record.key, purpose) for record in person - shown}
        return found


def _kind(key: str) -> str:
    return key.split("/")[0]


class Built:
    """The models of the folder in one database in memory, as dbt would build them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(_INPUTS)
        environment = jinja2.Environment()
        environment.globals.update(
            ref=lambda name: name,
            of_work=lambda name, *_, **__: name,
            worked=lambda _: "int_identity__guarded_identifiers",
            key_number=lambda key: f"(hash({key}) >> 1)::bigint",
            config=lambda **_: "",
            built_after=lambda _: "",
            own_controller=lambda: "'company'",
            connected_components=lambda edges, prefix: run_macro(
                self.connection, "connected_components", str(edges), prefix
            ),
        )
        self._templates = {
            name: environment.from_string((MODELS / f"int_identity__{name}.sql").read_text()) for name in ORDER
        }

    def build(self, world: World) -> None:
        for (table,) in self.connection.execute(
            "select table_name from duckdb_tables() where not temporary"
        ).fetchall():
            self.connection.execute(f"delete from {table}")
        identifiers = sorted({key for record in world.records for key in record.identifiers})
        numbered = "select (hash(key) >> 1)::bigint from unnest($1::varchar[]) as k (key)"
        numbers = dict(
            zip(identifiers, (n for (n,) in self.connection.execute(numbered, [identifiers]).fetchall()), strict=True)
        )
        rows: dict[str, list[tuple]] = {
            "int_consent__permissions": [(key, of, None, None, True, "company") for key, of in world.granted],
            "link_purposes": list(world.usable),
            "purposes": [(purpose, "use", False) for purpose in PURPOSES],
            "int_identity__alike_decisions": [(*pair, str(pair), "automatic") for pair in world.alike],
            "int_identity__limited_nodes": [(numbers[key],) for key in world.limited if key in numbers],
            "int_identity__guarded_identifiers": [(number, _kind(key)) for key, number in numbers.items()],
            "int_identity__linked_identifiers": [
                (number, number, "account" if _kind(key) == "account" else "contact", 1)
                for key, number in numbers.items()
            ],
        }
        parts = world.joined(world.records, {"account", *KINDS} - {"likeness"})
        hashed = self.connection.execute(numbered, [[record.key for record in world.records]]).fetchall()
        for (number,), record in zip(hashed, world.records, strict=True):
            rows.setdefault("int_identity__record_clusters", []).append((number, 1))
            part = next(i for i, part in enumerate(parts) if record in part)
            rows.setdefault("int_identity__record_parts", []).append((number, part))
            for key in record.identifiers:
                rows.setdefault("int_identity__work_mentions", []).append((number, numbers[key], record.entity))
                rows.setdefault("int_identity__links", []).append((number, numbers[key]))
        for person_id, person in enumerate(world.people()):
            anchor = min(record.key for record in person)
            rows.setdefault("int_identity__persons", []).append((person_id, len(person), anchor))
            for record in person:
                ((number,),) = self.connection.execute(numbered, [[record.key]]).fetchall()
                row = (person_id, record.key, record.entity, record.source, number)
                rows.setdefault("int_identity__person_records", []).append(row)
            for key in {key for record in person for key in record.identifiers}:
                kind = "account" if _kind(key) == "account" else "contact"
                row = (person_id, key, _kind(key), kind, False, False)
                rows.setdefault("int_identity__person_identifiers", []).append(row)
        for table, values in rows.items():
            if values:
                marks = ", ".join("?" * len(values[0]))
                self.connection.executemany(f"insert into {table} values ({marks})", values)
        for name, template in self._templates.items():
            self.connection.execute(f"create or replace table int_identity__{name} as {template.render()}")

    def rows(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Few values, so that records meet."""
    records = []
    for number in range(draw(st.integers(2, 9))):
        contacts = st.frozensets(st.sampled_from(["email/1", "email/2", "phone/1", "phone/2"]), min_size=1, max_size=2)
        account = draw(st.sampled_from([(), (), ("account/1",), ("account/2",)]))
        entity = draw(st.sampled_from(["contacts", "orders"]))
        records.append(Record(f"r{number}", draw(st.sampled_from("AB")), entity, draw(contacts) | set(account)))
    identifiers = sorted({key for record in records for key in record.identifiers})
    contact_points = [key for key in identifiers if _kind(key) != "account"]
    pairs = list(combinations([record.key for record in records], 2))
    every = [(kind, purpose) for kind in KINDS for purpose in PURPOSES]
    grants = st.tuples(st.sampled_from(identifiers), st.sampled_from(PURPOSES))
    return World(
        tuple(records),
        draw(st.frozensets(grants, max_size=4)),
        draw(st.frozensets(st.sampled_from(contact_points), max_size=1)),
        draw(st.frozensets(st.sampled_from(pairs), max_size=2)),
        draw(st.one_of(st.just(frozenset(every)), st.frozensets(st.sampled_from(every)))),
    )


_built = Built()


@given(worlds())
@settings(max_examples=30, deadline=None, derandomize=True)
def test_no_path_in_a_purpose_uses_a_link_without_it(world: World) -> None:
    _built.build(world)
    withheld = "select record_key, purpose from int_identity__withheld_records"
    assert set(_built.rows(withheld)) == world.withheld()


@given(worlds())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_purposes_nest_and_are_never_wider_than_the_person(world: World) -> None:
    _built.build(world)
    # a part of an account is whole in whoever it belongs to for a purpose, and that is one person's
    assert (
        _built.rows("select 1 from int_identity__use_parts group by person_id, purpose, core_key having count(*) > 1")
        == []
    )
    assert (
        _built.rows(
            "select 1 from int_identity__use_parts group by purpose, part_key having min(person_id) < max(person_id)"
        )
        == []
    )
    assert (
        _built.rows(
            "select 1 from int_identity__core_parts as p "
            "inner join int_identity__person_records as r using (record_key) where p.person_id <> r.person_id"
        )
        == []
    )
    # one is shown where anybody permits it, none where nobody does
    shown = "select count(distinct part_key) filter (is_shown) from int_identity__use_parts group by person_id, purpose"
    assert set(_built.rows(shown)) <= {(1,)}
