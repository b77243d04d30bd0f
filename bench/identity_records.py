"""Measure on public sets of records who is taken for whom: the project's probabilistic stage against plain Splink.

Both choose on one half of the people and are reported on the other, both ways round, so that every record is reported
once: plain Splink its threshold, the project the weight at which it closes and whether given names may veto. The
comparisons, the blocks and the guard are those of the product; each set's weights are learned without its truth.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import asdict

import duckdb
import pyarrow as pa

from bench import identity_splink
from bench.identity_components import run_macro
from bench.identity_figures import Figures, Resolved, figures
from bench.identity_sets import FAKE, FEBRL, HISTORICAL, PSEUDOPEOPLE, Records, sets
from samtykke.identity.likeness import features, model, scores

# Agreements that only one person's records show, and the share of such pairs they show: as documented for plain Splink.
CERTAIN = {
    FEBRL: ((("number",), ("given", "surname", "born")), 0.9),
    FAKE: ((("given", "born"), ("email",)), 0.7),
    HISTORICAL: ((("given", "surname", "born"), ("surname", "postal_code"), ("born", "postal_code")), 0.6),
    PSEUDOPEOPLE: ((("given", "surname", "street"), ("given", "surname", "born")), 0.6),
}
LEASTS = (-4, -2, 0, 2, 4, 6, 8)
_STEP, _STEPS, _DENSITY, _DENSE_FROM = 2, 16, 0.5, 3
_VETO = "not list_contains(list_transform(evidence, lambda said: said.comparison || said.level), 'givendifferent')"


def measure() -> tuple[list[dict[str, object]], list[str]]:
    """Return a line per set and resolver, and a sentence per set that is absent."""
    lines: list[dict[str, object]] = []
    skipped: list[str] = []
    for found in sets():
        if isinstance(found, str):
            skipped.append(found)
            continue
        lines += compared_with_plain_splink(found)
    return lines, skipped


def compared_with_plain_splink(found: Records) -> list[dict[str, object]]:
    """Return the line of plain Splink and the project's."""
    return [
        {
            "set": found.name,
            "resolver": name,
            **_reported(found, [resolve(connection, found.kind) for connection in _halves(found)]),
        }
        for name, resolve in (("plain Splink", identity_splink.documented), ("samtykke", likeness))
    ]


def _halves(found: Records) -> list[duckdb.DuckDBPyConnection]:
    """Split by person; a resolver sees no person and ids that tell nothing."""
    connections = []
    for half in (0, 1):
        connection = duckdb.connect()
        connection.register("delivered", found.table)
        connection.execute(
            f"create table records as select * exclude (person) from delivered where hash(person) % 2 = {half}"
        )
        connection.unregister("delivered")
        connections.append(connection)
    return connections


def likeness(connection: duckdb.DuckDBPyConnection, kind: str) -> Resolved:
    """Return what the product's probabilistic stage makes of records."""
    before = time.process_time()
    certain, recall = CERTAIN[kind]
    connection.execute("create table compared as select *, [given] as given_roots from records")
    learned = model.train(connection, "compared", blocks=features.WIDE_BLOCKS, certain=certain, recall=recall)
    pairs = scores.score(connection, learned, "compared", least=min(LEASTS))
    connection.execute(f"create table pairs as {pairs}")
    cpu = time.process_time() - before
    found: dict[Hashable, list[tuple[object, str]]] = {}
    for vetoes in (False, True):
        for least in LEASTS:
            found[least, vetoes] = _closed(connection, least, _VETO if vetoes else "true")
    return Resolved(found, cpu)


def _closed(connection: duckdb.DuckDBPyConnection, least: float, allowed: str) -> list[tuple[object, str]]:
    edges = f"select record_a as a, record_b as b, match_weight as weight from pairs where {allowed}"
    closed = run_macro(connection, "dense_components", edges, "bench", least, _STEP, _STEPS, _DENSITY, _DENSE_FROM)
    return connection.execute(
        f"select unique_id, coalesce(component_id, unique_id)::varchar from records left join ({closed}) "
        "on unique_id = node_id"
    ).fetchall()


def _reported(found: Records, halves: Sequence[Resolved]) -> dict[str, object]:
    """Report each half with the parameter that was best on the other, together."""
    chosen = [_best(found, half) for half in halves]
    together = [
        (number, f"{place} {cluster}")
        for place, half in enumerate(halves)
        for number, cluster in half.clusters[chosen[1 - place]]
    ]
    measured = _figures(found, together)
    rounded = {key: round(value, 4) for key, value in (asdict(measured) | {"f1": measured.f1}).items()}
    return {**rounded, "chosen": [str(one) for one in chosen], "cpu": round(sum(half.cpu for half in halves), 2)}


def _best(found: Records, half: Resolved) -> Hashable:
    """Return the parameter of the best F1, the middle one of those that are equally good."""
    f1 = {key: _figures(found, clusters).f1 for key, clusters in half.clusters.items()}
    best = [key for key, value in f1.items() if value == max(f1.values())]
    return best[len(best) // 2]


def _figures(found: Records, clusters: Sequence[tuple[object, str]]) -> Figures:
    numbers, names = zip(*clusters, strict=True)
    with duckdb.connect() as connection:
        connection.register("clusters", pa.table({"number": list(numbers), "cluster": list(names)}))
        connection.register("truth", found.table)
        return figures(
            connection,
            "select c.number, person, cluster from clusters as c inner join truth as t on c.number = t.unique_id",
        )
