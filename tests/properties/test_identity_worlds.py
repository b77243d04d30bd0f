"""Hundreds of small random worlds in one home: the models against an oracle that shares nothing with them.

Worlds share no identifier, so that one build checks all of them. What must hold: who is one person does not depend on
the order of arrival; erasing a record is never having had it; ids survive rebuilds, merges and splits.
"""

from __future__ import annotations

import random

import networkx
import pytest

from tests.properties.identity_home import IdentityHome, Row, named

pytestmark = pytest.mark.timeout(900)
WORLDS = 90
SOURCES = ("crm", "shop", "mail")
World = tuple[list[Row], list[str]]
Record = tuple[str, str, frozenset[str]]  # key, source, identifiers


def draw_world(number: int, draw: random.Random) -> World:
    """Return contact rows that share identifiers by chance, and the identifiers that refuse linking."""
    rows = []
    for index in range(draw.randint(3, 9)):
        keys = [
            f"{kind}/{number}{draw.choice(names)}"
            for kind, names in (
                ("crm_id", "123"),
                ("email", "abcd"),
                ("phone", "pq"),
                ("nickname:forum", "xy"),
            )
            if draw.random() < 0.45
        ] or [f"email/{number}a"]
        seen = f"2026-01-{draw.randint(1, 28):02d} 00:00:00"
        key = f"record/{number}-{index}"
        country = draw.choice(("DK", "SE", None))
        rows.append(named(*keys, record_key=key, source=draw.choice(SOURCES), created_at=seen, country=country))
    identifiers = sorted({str(row[column]) for row in rows for column in row if _is_identifier(column)})
    return rows, [key for key in identifiers if draw.random() < 0.06]


def _is_identifier(column: str) -> bool:
    return column.endswith("_key") and column != "record_key"


def oracle(worlds: list[World], refusing: set[str]) -> set[frozenset[str]]:
    """Return the people as sets of record keys: plain graphs, no SQL."""
    return {person for rows, _ in worlds for person in people_of_world(rows, refusing)}


def people_of_world(rows: list[Row], refusing: set[str]) -> set[frozenset[str]]:
    records = [
        (str(row["record_key"]), str(row["source"]), {str(row[c]) for c in row if _is_identifier(c)}) for row in rows
    ]
    sources_of: dict[str, set[str]] = {}
    for _, source, identifiers in records:
        for identifier in identifiers:
            sources_of.setdefault(identifier, set()).add(source)

    def node(identifier: str, source: str, is_refused: bool) -> tuple[str, str]:
        is_account = identifier.startswith("crm_id/")
        limited = len(sources_of[identifier]) > 1 if is_account else is_refused
        return identifier, source if limited else ""

    def components(members: list[Record], is_refused: bool, with_names: bool) -> list[set[str]]:
        graph = networkx.Graph()
        for key, source, identifiers in members:
            graph.add_node(key)
            for identifier in identifiers:
                if with_names or not identifier.startswith("nickname"):
                    graph.add_edge(key, node(identifier, source, is_refused))
        return [{n for n in c if isinstance(n, str)} for c in networkx.connected_components(graph)]

    strong = [r for r in records if any(not i.startswith("nickname") for i in r[2])]
    clusters = components(strong, is_refused=False, with_names=False)
    for key, _, identifiers in records:
        if all(i.startswith("nickname") for i in identifiers):
            (name,) = identifiers
            named_records = {k for k, _, i in records if name in i}
            claimants = [c for c in clusters if any(k in c and k in {s[0] for s in strong} for k in named_records)]
            alone = next((c for c in clusters if c & named_records and not c & {s[0] for s in strong}), None)
            if len(claimants) == 1:
                claimants[0].add(key)
            elif alone is not None:
                alone.add(key)
            else:
                clusters.append({key})
    people: set[frozenset[str]] = set()
    for cluster in clusters:
        members = [r for r in records if r[0] in cluster]
        own = {i for _, _, ids in members for i in ids if not _is_shared_name(i, clusters, records, cluster)}
        if own & refusing:
            kept = [(k, s, i & own) for k, s, i in members]
            people |= {frozenset(c) for c in components(kept, is_refused=True, with_names=True)}
        else:
            people.add(frozenset(cluster))
    return people


def _is_shared_name(identifier: str, clusters: list[set[str]], records: list[Record], cluster: set[str]) -> bool:
    """A name that several claim belongs to none of them, but to the records that know nothing else."""
    if not identifier.startswith("nickname"):
        return False
    claimants = [c for c in clusters if any(k in c and identifier in i and not _only_names(i) for k, _, i in records)]
    return len(claimants) > 1 and any(cluster is c for c in claimants)


def _only_names(identifiers: set[str]) -> bool:
    return all(identifier.startswith("nickname") for identifier in identifiers)


def people(home: IdentityHome) -> dict[frozenset[str], str]:
    """Return the person id of each set of records."""
    groups: dict[str, set[str]] = {}
    for person, record in home.rows("select person_id, record_key from intermediate.int_identity__person_records"):
        groups.setdefault(str(person), set()).add(record)
    return {frozenset(records): person for person, records in groups.items()}


def drawn(home: IdentityHome) -> list[tuple]:
    """Return person, record that it stands on, as_of and our clock at the draw; of several records the newest last."""
    columns = "person_id, anchor_record_key, created_at, drawn_at"
    return home.rows(f"select {columns} from ledger.persons order by person_id, anchored_at")


def aliases(home: IdentityHome) -> dict[str, str | None]:
    """Return who each person ever drawn is now."""
    columns = "person_id::varchar, current_person_id::varchar"
    return dict(home.rows(f"select {columns} from intermediate.int_identity__person_aliases"))


def keeps_its_id(home: IdentityHome, had: frozenset[str], after: dict[frozenset[str], str]) -> str | None:
    """Return who has the largest part of what a person had: of equal ones that with the record seen first."""
    columns = "record_key, first_seen_at, record_number"
    order = {key: at for key, *at in home.rows(f"select {columns} from intermediate.int_identity__person_records")}
    parts = {person: had & records for records, person in after.items() if had & records}
    return min(parts, key=lambda person: (-len(parts[person]), min(order[r] for r in parts[person])), default=None)


def health(home: IdentityHome) -> list[tuple]:
    return home.rows("select * from ledger.identity_health order by as_of, recorded_at")


def events(home: IdentityHome) -> list[tuple]:
    columns = "kind, person_id::varchar, other_person_id::varchar, records, cause, cause_detail, as_of, recorded_at"
    return home.rows(f"select {columns} from ledger.identity_events order by event_key")


def news(home: IdentityHome, told: list[tuple]) -> list[tuple]:
    """Return the events that were told since, and hold that nothing told before is gone or another."""
    now = events(home)
    assert set(told) <= set(now)
    return [event for event in now if event not in told]


def kept(before: dict[frozenset[str], str], after: dict[frozenset[str], str]) -> dict[tuple[str, str | None], int]:
    """Return how many records each person has that another had: from, to; None where nobody has them."""
    now = {record: person for records, person in after.items() for record in records}
    flows: dict[tuple[str, str | None], int] = {}
    for records, person in before.items():
        for record in records:
            if now.get(record) != person:
                flow = (person, now.get(record))
                flows[flow] = flows.get(flow, 0) + 1
    return flows


def flows_of(told: list[tuple]) -> dict[tuple[str, str | None], int]:
    """Return the same as the ledger tells it."""
    flows: dict[tuple[str, str | None], int] = {}
    for kind, person, other, records, *_ in told:
        if kind not in ("created", "joined"):
            flows[person, other] = flows.get((person, other), 0) + records
    return flows


def test_worlds(tmp_path_factory: pytest.TempPathFactory) -> None:
    draw = random.Random(20260601)
    worlds = [draw_world(number, draw) for number in range(WORLDS)]
    rows = [row for world, _ in worlds for row in world]
    refusing = {key for _, keys in worlds for key in keys}
    expected = oracle(worlds, refusing)
    unlimited = oracle(worlds, set())
    assert expected != unlimited, "no world refuses anything: the draw shows nothing"

    home = IdentityHome(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("target"))

    # arriving in two halves, mixed over all worlds, makes the people that arriving at once would
    shuffled = draw.sample(rows, len(rows))
    home.add("contacts", shuffled[::2])
    home.build()
    half, told = people(home), events(home)
    assert {kind for kind, *_ in told} == {"created"}
    home.add("contacts", shuffled[1::2])
    home.build()
    before, told = people(home), news(home, told)
    assert flows_of(told) == kept(half, before)
    assert {event[4] for event in told if event[0] in ("joined", "merged")} == {"identifier"}
    assert {event[1] for event in told if event[0] == "merged"} == set(half.values()) - set(before.values())
    assert set(before) == unlimited
    # whom the second half merged, they are the older of the two
    born = {str(person): drawn_at for person, _, _, drawn_at in drawn(home)}
    anchors = {anchor: str(person) for person, anchor, _, _ in drawn(home)}
    for records, person in before.items():
        assert born[person] == min(born[anchors[key]] for key in records if key in anchors)

    # an unchanged full rebuild draws nothing, renames nobody, records nothing
    ledger, history, told = drawn(home), events(home), health(home)
    home.build("--full-refresh")
    assert people(home) == before
    assert drawn(home) == ledger
    assert events(home) == history
    assert health(home) == told

    # a no to linking takes people apart: the part with the anchor record keeps the id
    home.linking(refused=sorted(refusing))
    home.build()
    apart = people(home)
    assert set(apart) == expected
    assert set(apart.values()) >= set(before.values())
    # who was split off has no value any more that came over the link
    said = {str(row["record_key"]): row["country"] for row in rows}
    shown: dict[str, set[object]] = {}
    for person, value in home.rows("select person_id::varchar, value from intermediate.int_identity__attribute_values"):
        shown.setdefault(person, set()).add(value)
    assert shown == {
        person: countries
        for records, person in apart.items()
        if (countries := {said[record] for record in records} - {None})
    }
    told = news(home, history)
    assert flows_of(told) == kept(before, apart)
    assert {event[4:6] for event in told if event[0] == "split"} == {("consent", "linking_refused")}
    history += told

    # erasing a record of every world is never having had it, and nobody else gets another id
    erased = {str(draw.choice(world)["record_key"]) for world, _ in worlds}
    anchors, aliased = {str(person): anchor for person, anchor, *_ in drawn(home)}, aliases(home)
    home.linking()
    home.execute(f"delete from raw.contacts where record_key in ({', '.join(repr(key) for key in sorted(erased))})")
    # some at the source, some because somebody was erased
    names = {str(row["record_key"]): {str(row[c]) for c in row if _is_identifier(c)} for row in rows}
    still_named = {key for record, keys in names.items() if record not in erased for key in keys}
    forgotten = {key for record in erased for key in names[record] - still_named}
    home.execute(
        "insert into ledger.tombstones values "
        + ", ".join(f"('{key}', 'request', '2026-05-31', 'art_17')" for key in sorted(forgotten))
    )
    home.build()
    after = people(home)
    # the parts that consent had kept apart are merged again, and the ledger says so
    told = news(home, history)
    assert flows_of(told) == kept(apart, after)
    assert ("merged", "consent", "no_longer_limited") in {(event[0], *event[4:6]) for event in told}
    causes: dict[str, int] = {}
    for kind, _, other, records, cause, *_ in told:
        if other is None and kind not in ("created", "joined"):
            causes[cause] = causes.get(cause, 0) + records
    by_erasure = sum(bool(names[record] & forgotten) for record in erased)
    assert causes == {"erasure": by_erasure, "records_changed": len(erased) - by_erasure}
    left = [([row for row in world if row["record_key"] not in erased], keys) for world, keys in worlds]
    assert set(after) == oracle(left, set())
    # whoever loses the record it stood on keeps its id with the largest part of what it had, unless an elder has that
    now, born = aliases(home), {str(person): drawn_at for person, _, _, drawn_at in drawn(home)}
    keepers = {person: keeps_its_id(home, had, after) for had, person in apart.items() if anchors[person] in erased}
    assert {person: now[person] for person in keepers} == keepers
    assert all(keeper is None or born[keeper] <= born[person] for person, keeper in keepers.items())
    assert any(person == keeper for person, keeper in keepers.items()) and None in keepers.values()
    # and nobody is gone of whose records, or of whom it was merged into, one is left
    left_over = {person for had, person in apart.items() if any(had & records for records in after)}
    assert all(now[person] is not None for person, current in aliased.items() if current in left_over)
    for records, person in before.items():
        if not records & erased:  # with its rival gone an account number may link again: then they are part of more
            assert after.get(records) == person or any(records < other for other in after)
