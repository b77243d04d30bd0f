"""Mutations of SQL: every way in which one small slip of the pen could change a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import sqlglot
from sqlglot import exp

_FLIPS: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ,
    exp.Min: exp.Max, exp.Max: exp.Min, exp.Least: exp.Greatest, exp.Greatest: exp.Least,
    exp.ArgMin: exp.ArgMax, exp.ArgMax: exp.ArgMin, exp.LogicalOr: exp.LogicalAnd, exp.LogicalAnd: exp.LogicalOr,
    exp.And: exp.Or, exp.Or: exp.And, exp.NullSafeEQ: exp.NullSafeNEQ, exp.NullSafeNEQ: exp.NullSafeEQ,
    exp.Lead: exp.Lag, exp.Lag: exp.Lead, exp.Add: exp.Sub, exp.Sub: exp.Add,
}  # fmt: skip
_LISTED = ("expressions", "partition_by")


@dataclass(frozen=True)
class Mutant:
    """One changed statement: what was changed where, and the SQL that came of it."""

    model: str
    change: str
    sql: str


def mutants_of(model: str, sql: str) -> Iterator[Mutant]:
    """Yield every mutant of a model's compiled SQL, each with one change, in a fixed order and told apart by name."""
    original = sqlglot.parse_one(sql, read="duckdb")
    seen: dict[str, int] = {}
    for position, node in enumerate(original.walk()):
        for mutate in _MUTATIONS:
            if not mutate.concerns(node):
                continue
            tree = original.copy()
            change = mutate.apply(next(islice(tree.walk(), position, None)))
            if change is None:
                continue
            name = f"{change}: {_short(node.sql(dialect='duckdb'))}"
            seen[name] = seen.get(name, 0) + 1
            yield Mutant(model, name if seen[name] == 1 else f"{name} ({seen[name]})", tree.sql(dialect="duckdb"))


def _short(text: str) -> str:
    text = " ".join(text.replace('"warehouse".', "").replace('"', "").split())
    return text if len(text) <= 110 else f"{text[:75]} … {text[-32:]}"


@dataclass(frozen=True)
class _Mutation:
    concerns: Callable[[exp.Expression], bool]
    apply: Callable[[exp.Expression], str | None]


_MUTATIONS: list[_Mutation] = []


def _mutation(*kinds: type[exp.Expression]) -> Callable[[Callable], Callable]:
    """Register a function that changes a node of one of some kinds in place and says what it did, or None."""

    def register(apply: Callable[[exp.Expression], str | None]) -> Callable[[exp.Expression], str | None]:
        _MUTATIONS.append(_Mutation(lambda node: isinstance(node, kinds), apply))
        return apply

    return register


@_mutation(*_FLIPS)
def _flip(node: exp.Expression) -> str | None:
    """Another comparison, the other end, the other connective, the other neighbour."""
    if isinstance(node.parent, exp.Connector) and type(node.parent) is type(node):
        return None  # of a chain of conditions only the whole chain flips
    node.replace(_FLIPS[type(node)](**dict(node.args.items())))
    return "flip"


@_mutation(exp.Connector)
def _keep_left(node: exp.Expression) -> str:
    node.replace(node.this.copy())
    return "keep only left"


@_mutation(exp.Connector)
def _keep_right(node: exp.Expression) -> str:
    node.replace(node.expression.copy())
    return "keep only right"


@_mutation(exp.Where, exp.Having, exp.Qualify)
def _drop_filter(node: exp.Expression) -> str | None:
    if isinstance(node.this, exp.Boolean):
        return None  # what is left of a condition that only a later batch has
    what = type(node).__name__.lower()
    if isinstance(node.parent, exp.Filter):
        node.parent.replace(node.parent.this.copy())
    else:
        node.pop()
    return f"drop {what}"


@_mutation(exp.Join)
def _drop_condition(node: exp.Expression) -> str | None:
    if node.args.get("on") is None or isinstance(node.args["on"], exp.Connector) or node.args.get("method") == "ASOF":
        return None
    node.set("on", exp.true())
    return "join everything"


@_mutation(exp.Join)
def _other_join(node: exp.Expression) -> str | None:
    if node.args.get("method") == "ASOF":
        node.set("side", None if node.side == "LEFT" else "LEFT")
        return "inner asof" if node.side != "LEFT" else "left asof"
    if node.side == "LEFT":
        node.set("side", None)
        node.set("kind", "INNER")
        return "inner join"
    if node.kind in ("ANTI", "SEMI"):
        node.set("kind", "SEMI" if node.kind == "ANTI" else "ANTI")
        return "other of anti and semi"
    return None


@_mutation(exp.Not)
def _drop_not(node: exp.Expression) -> str:
    node.replace(node.this.copy())
    return "drop not"


@_mutation(exp.If)
def _drop_branch(node: exp.Expression) -> str | None:
    """Forget one line of a case."""
    if not isinstance(node.parent, exp.Case) or len(node.parent.args["ifs"]) == 1:
        return None
    node.pop()
    return "drop when"


@_mutation(exp.Case)
def _drop_else(node: exp.Expression) -> str | None:
    if node.args.get("default") is None or isinstance(node.args["default"], exp.Null):
        return None
    node.set("default", None)
    return "drop else"


@_mutation(exp.Ordered)
def _reverse(node: exp.Expression) -> str:
    node.set("desc", not node.args.get("desc"))
    node.set("nulls_first", not node.args.get("nulls_first"))
    return "reverse order"


@_mutation(exp.Ordered)
def _drop_order(node: exp.Expression) -> str | None:
    if len(node.parent.expressions) == 1:
        return None
    node.pop()
    return "drop from order"


@_mutation(exp.Union)
def _first_branch(node: exp.Expression) -> str:
    node.replace(node.this.copy())
    return "drop last of union"


@_mutation(exp.Union)
def _last_branch(node: exp.Expression) -> str | None:
    if isinstance(node.this, exp.Union):
        return None  # its own branches go one by one
    if node.args.get("with_") or node.args.get("with"):
        return None
    node.replace(node.expression.copy())
    return "drop first of union"


@_mutation(exp.Boolean)
def _other_boolean(node: exp.Expression) -> str:
    """The other answer where nothing is known."""
    node.set("this", not node.this)
    return "other boolean"


@_mutation(exp.Coalesce)
def _first_of_coalesce(node: exp.Expression) -> str:
    node.replace(node.this.copy())
    return "no default"


@_mutation(exp.Literal)
def _other_number(node: exp.Expression) -> str | None:
    if node.is_string and not isinstance(node.parent, exp.Interval):
        return None
    if not node.this.isdigit():
        return None
    node.set("this", str(int(node.this) + 1))
    return "one more"


@_mutation(exp.Lead, exp.Lag)
def _no_end(node: exp.Expression) -> str | None:
    if node.args.get("default") is None:
        return None
    node.set("default", None)
    return "no end"


@_mutation(exp.Expression)
def _drop_listed(node: exp.Expression) -> str | None:
    """Forget one value of a list, one key of a partition."""
    parent = node.parent
    if node.arg_key not in _LISTED or not isinstance(parent, exp.In | exp.Window):
        return None
    if len(parent.args[node.arg_key]) < 2:
        return None
    node.pop()
    return "drop member" if isinstance(parent, exp.In) else "drop from partition"
