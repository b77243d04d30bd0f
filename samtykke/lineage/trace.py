"""Trace what every column of a select is made of, and what decides which rows it has.

A trace is a set of leaves: columns of the relations that the select reads, or ``ROWS``, a relation's rows as such.
What counts as *value* and what as *rows* is the rule of decision 5:

- a column's value is made of every column in its expression, conditions and windows included. An aggregate, a window
  function or a constant also tells of rows: that there are any, and how many;
- rows are decided by what is read from and joined (but for the optional side of an outer join), by the columns of
  ``where``, ``having``, ``qualify`` and of those joins' conditions, and by the order where there is a limit;
- a column of the optional side of an outer join tells that a match was found: its value is also made of that side's
  rows and of the join's condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

ROWS = "*"

Leaf = tuple[str, str]
Leaves = frozenset[Leaf]
_NOTHING: Leaves = frozenset()

# Table functions that make rows of their arguments and read nothing else.
_PURE = (exp.Unnest, exp.GenerateSeries, exp.Values)


class TraceError(ValueError):
    """The columns of a select cannot be told from its text."""


@dataclass(frozen=True)
class Traced:
    """What a select's columns are made of, in their order, and what decides its rows."""

    columns: tuple[tuple[str, Leaves], ...]
    rows: Leaves

    def of(self, column: str) -> Leaves | None:
        """What a column is made of; None if the select has none of that name."""
        found = [leaves for name, leaves in self.columns if name == column]
        return _union(found) if found else None


def parse(sql: str) -> exp.Query:
    """Read one select statement in DuckDB's dialect.

    Raises:
        TraceError: It is none, or several.
    """
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect="duckdb") if statement]
    except SqlglotError as problem:
        raise TraceError(one_line(problem)) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise TraceError("it must be one select statement")
    return statements[0]


def trace(sql: str, relations: Mapping[str, Sequence[str]], parameters: Sequence[str] = ()) -> Traced:
    """Trace the columns of a select.

    Args:
        sql: One select statement in DuckDB's dialect; a relation is one (quoted) name.
        relations: The columns of every relation that it may read, by that name.
        parameters: Names that stand for values its caller gives, where the select is the body of a table function.

    Raises:
        TraceError: It reads something else, names a column that is not there, or holds a construct whose columns
            the text does not tell: ``columns()``, a pivot, a natural or positional join, a table function.
    """
    return _Tracer(relations).scope(scope_of(sql, relations, parameters))


def scope_of(sql: str, relations: Mapping[str, Sequence[str]], parameters: Sequence[str] = ()) -> Scope:
    """Return a select with every column qualified and every star written out, as its outermost part.

    Raises:
        TraceError: As ``trace``.
    """
    tree = parse(sql)
    for table in tree.find_all(exp.Table):
        _name_own_function(table, relations)
    _refuse_opaque(tree, relations)
    read = {table.name for table in tree.find_all(exp.Table)} & set(relations)
    if bare := sorted(name for name in read if not relations[name]):
        raise TraceError(f"it reads {bare[0]}, whose columns are not described")
    schema = {name: dict.fromkeys(relations[name], "unknown") for name in read}
    for parameter in parameters:
        if hidden := sorted(name for name in read if parameter in relations[name]):
            raise TraceError(f"its parameter {parameter} has the name of a column of {hidden[0]}; rename it")
        for column in list(tree.find_all(exp.Column)):
            if column.name == parameter and not column.table:
                column.replace(exp.cast(exp.null(), "timestamp"))
    try:
        tree = qualify(tree, dialect="duckdb", schema=schema, quote_identifiers=False)
        root = build_scope(tree)
    except SqlglotError as problem:
        raise TraceError(one_line(problem)) from None
    if root is None:
        raise TraceError("its parts cannot be told")
    return root


def _name_own_function(table: exp.Table, relations: Mapping[str, Sequence[str]]) -> None:
    """Read a call of one of the project's table functions as reading a relation of that name."""
    called = table.this
    if not isinstance(called, exp.Anonymous) or called.name not in relations:
        return
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(called.name))
    table.set("this", exp.to_identifier(called.name, quoted=True))
    table.set("alias", alias)


def one_line(problem: Exception) -> str:
    """Return what a parser says without its colours and line breaks."""
    return " ".join(re.sub(r"\x1b\[\d*m", "", str(problem)).split())[:300]


def _refuse_opaque(tree: exp.Query, relations: Mapping[str, Sequence[str]]) -> None:
    known = set(relations) | {common.alias for common in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, exp.Columns | exp.Pivot | exp.PositionalColumn):
            raise TraceError(f"{node.sql(dialect='duckdb')} hides which columns are used; name them")
        if isinstance(node, exp.Join) and node.method.upper() in ("NATURAL", "POSITIONAL"):
            raise TraceError(f"a {node.method.lower()} join hides which columns are used; write the condition")
        if isinstance(node, exp.Table) and not isinstance(node.this, _PURE) and (node.db or node.name not in known):
            raise TraceError(f"it reads {node.sql(dialect='duckdb')}, which no ref() or source() of it gives")


class _Tracer:
    """Follows the columns of one statement through its parts."""

    def __init__(self, relations: Mapping[str, Sequence[str]]) -> None:
        self._relations = relations
        self._done: dict[int, Traced] = {}
        self._unfinished: dict[int, Traced] = {}  # what is known so far of recursive parts
        self._whole: dict[int, Scope] = {}  # the beginning of a recursive part -> all of it
        self._joining: set[tuple[int, str]] = set()

    def scope(self, scope: Scope) -> Traced:
        """Trace one part, once; a recursive one until nothing is added any more."""
        place = id(scope.expression)
        if place in self._done:
            return self._done[place]
        if place in self._unfinished:
            return self._unfinished[place]
        is_recursive = self._enter_recursion(scope)
        found = Traced((), _NOTHING)
        while True:
            self._unfinished[place] = found
            outcome = self._set_operation(scope) if scope.set_operation_scopes else self._part(scope)
            if not is_recursive or outcome == found:
                break
            found = outcome
            self._done.clear()
        del self._unfinished[place]
        self._done[place] = outcome
        return outcome

    def _enter_recursion(self, scope: Scope) -> bool:
        """Inside a recursive part its own name stands for its first branch: remember that it means all of it."""
        if not scope.set_operation_scopes:
            return False
        first = scope.set_operation_scopes[0]
        if not any(source is first for part in scope.traverse() for source in part.sources.values()):
            return False
        self._whole[id(first.expression)] = scope
        return True

    def _set_operation(self, scope: Scope) -> Traced:
        operation = scope.expression
        parts = [(part, self.scope(part)) for part in scope.set_operation_scopes]
        rows = self._limited(scope, operation)
        merged: list[tuple[str, Leaves]] = []
        for part, traced in parts:
            constants = _constants(part.expression)
            # which branch a row is of tells what the rows of that branch tell
            own = [
                (name, leaves | (traced.rows if position in constants else _NOTHING))
                for position, (name, leaves) in enumerate(traced.columns)
            ]
            merged = _merged(merged, own, by_name=bool(operation.args.get("by_name")))
            rows |= traced.rows
            if not isinstance(operation, exp.Union):  # except, intersect: every column decides who is left
                rows |= _union(leaves for _, leaves in own)
        return Traced(tuple(merged), rows)

    def _part(self, scope: Scope) -> Traced:
        expression = scope.expression
        if isinstance(expression, exp.Select):
            return self._select(scope, expression)
        if isinstance(expression, exp.Lateral) and isinstance(expression.this, exp.Subquery):
            traced = self.scope(scope.subquery_scopes[0])
            renamed = expression.alias_column_names or [name for name, _ in traced.columns]
            columns = zip(renamed, (leaves for _, leaves in traced.columns), strict=False)
            return Traced(tuple(columns), traced.rows)
        if isinstance(expression, exp.Unnest | exp.Values | exp.Lateral):
            leaves = self._leaves(scope, expression)
            return Traced(tuple((name, leaves) for name in expression.alias_column_names), leaves)
        raise TraceError(f"{expression.sql(dialect='duckdb')[:60]} cannot be traced")

    def _select(self, scope: Scope, select: exp.Select) -> Traced:
        optional = _optional(select)
        rows = _union(self._rows_of(scope, name) for name in _sources_of_rows(select, scope) if name not in optional)
        for join in select.args.get("joins") or ():
            if not set(_optional_after(join, ())) and (condition := join.args.get("on")):
                rows |= self._leaves(scope, condition)
        for clause in ("where", "having", "qualify"):
            if condition := select.args.get(clause):
                rows |= self._leaves(scope, condition)
        for item in select.selects:
            for unnested in item.find_all(exp.Unnest, exp.Explode):  # an empty list leaves no row
                rows |= self._leaves(scope, unnested)
        rows |= self._limited(scope, select)
        keys = {key.sql() for key in (select.args["group"].expressions if select.args.get("group") else ())}
        columns: list[tuple[str, Leaves]] = []
        for item in select.selects:
            leaves = self._leaves(scope, item)
            if _tells_of_rows(item, keys, is_grouped=bool(select.args.get("group"))):
                leaves |= rows
            columns.append((item.alias_or_name, leaves))
        return Traced(tuple(columns), rows)

    def _limited(self, scope: Scope, query: exp.Query) -> Leaves:
        """What decides which rows a limit or `distinct on` leaves."""
        distinct = query.args.get("distinct")
        keys = distinct.args.get("on") if isinstance(distinct, exp.Distinct) else None
        if not (keys or query.args.get("limit") or query.args.get("offset")):
            return _NOTHING
        parts = [part for part in (keys, query.args.get("order")) if part]
        if isinstance(query, exp.SetOperation):
            return _union(leaves for part in scope.set_operation_scopes for _, leaves in self.scope(part).columns)
        return _union(self._leaves(scope, part) for part in parts)

    def _leaves(self, scope: Scope, expression: exp.Expression) -> Leaves:
        """What an expression is made of; a query inside it also tells of its rows."""
        found: Leaves = _NOTHING
        inner = {id(part.expression): part for part in scope.subquery_scopes}
        waiting = [expression]
        while waiting:
            node = waiting.pop()
            if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
                if id(node) not in inner:
                    raise TraceError(f"{node.sql(dialect='duckdb')[:60]} cannot be traced")
                traced = self.scope(inner[id(node)])
                found |= _union(leaves for _, leaves in traced.columns) | traced.rows
            elif isinstance(node, exp.TableColumn):
                found |= self._whole_row(scope, node.name)
            elif isinstance(node, exp.Column):
                found |= self._column(scope, node)
            else:
                waiting.extend(node.iter_expressions())
        return found

    def _column(self, scope: Scope, column: exp.Column) -> Leaves:
        """The leaves of a column: of the nearest part that knows its qualifier, an outer one for a subquery."""
        if not column.table and isinstance(scope.expression, exp.Select):
            # what an order or `distinct on` calls by the name of a selected value
            named = [item for item in scope.expression.selects if item.alias_or_name == column.name]
            if named:
                return _union(self._leaves(scope, item.unalias()) for item in named)
        within: Scope | None = scope
        while within is not None and column.table not in within.sources:
            within = within.parent
        if within is None:
            raise TraceError(f"cannot tell where column {column.sql(dialect='duckdb')} comes from")
        return self._value(within, column.table, column.name) | self._match(within, column.table)

    def _whole_row(self, scope: Scope, name: str) -> Leaves:
        within: Scope | None = scope
        while within is not None and name not in within.sources:
            within = within.parent
        if within is None:
            raise TraceError(f"cannot tell which row {name} is")
        source = within.sources[name]
        columns = (
            [column for column, _ in self.scope(self._whole.get(id(source.expression), source)).columns]
            if isinstance(source, Scope)
            else self._relations.get(source.name, ())
        )
        return _union(self._value(within, name, column) for column in columns) | self._match(within, name)

    def _value(self, scope: Scope, name: str, column: str) -> Leaves:
        source = scope.sources[name]
        if isinstance(source, Scope):
            source = self._whole.get(id(source.expression), source)
            leaves = self.scope(source).of(column)
            if leaves is None and id(source.expression) not in self._unfinished:
                raise TraceError(f"cannot tell where column {name}.{column} comes from")
            return leaves or _NOTHING
        if isinstance(source.this, exp.Func):
            return self._leaves(scope, source.this)
        return frozenset({(source.name, column)})

    def _rows_of(self, scope: Scope, name: str) -> Leaves:
        source = scope.sources[name]
        if isinstance(source, Scope):
            return self.scope(self._whole.get(id(source.expression), source)).rows
        if isinstance(source.this, exp.Func):
            return self._leaves(scope, source.this)
        return frozenset({(source.name, ROWS)})

    def _match(self, scope: Scope, name: str) -> Leaves:
        """What it tells that the optional side of an outer join has a row: its rows, and the join's condition."""
        conditions = _optional(scope.expression).get(name) if isinstance(scope.expression, exp.Select) else None
        here = (id(scope.expression), name)
        if conditions is None or here in self._joining:
            return _NOTHING
        self._joining.add(here)
        try:
            return self._rows_of(scope, name) | _union(self._leaves(scope, condition) for condition in conditions)
        finally:
            self._joining.discard(here)


def _merged(
    before: list[tuple[str, Leaves]], branch: list[tuple[str, Leaves]], *, by_name: bool
) -> list[tuple[str, Leaves]]:
    """The columns of a union after one more branch. A branch in the middle of a recursion has none yet."""
    if not before or not branch:
        return before or branch
    if by_name:
        theirs = dict(branch)
        names = [name for name, _ in before] + [name for name, _ in branch if name not in dict(before)]
        return [(name, dict(before).get(name, _NOTHING) | theirs.get(name, _NOTHING)) for name in names]
    if len(before) != len(branch):
        raise TraceError("the branches of a union have different columns")
    return [(name, leaves | more) for (name, leaves), (_, more) in zip(before, branch, strict=True)]


def _optional(select: exp.Select) -> dict[str, list[exp.Expression]]:
    """The optional sides of a select's outer joins, each with the conditions it was joined on."""
    optional: dict[str, list[exp.Expression]] = {}
    before: list[str] = []
    if first := select.args.get("from_"):
        before.append(first.this.alias_or_name)
    for join in select.args.get("joins") or ():
        for name in _optional_after(join, before):
            optional.setdefault(name, []).extend([join.args["on"]] if join.args.get("on") else [])
        before.append(join.this.alias_or_name)
    return optional


def _optional_after(join: exp.Join, before: Sequence[str]) -> list[str]:
    """The names that a join makes optional."""
    sides = {"LEFT": [join.this.alias_or_name], "RIGHT": list(before), "FULL": [*before, join.this.alias_or_name]}
    if join.kind.upper() in ("SEMI", "ANTI"):
        return []
    return sides.get(join.side.upper(), [])


def _sources_of_rows(select: exp.Select, scope: Scope) -> Iterator[str]:
    first = select.args.get("from_")
    for part in [*([first] if first else []), *(select.args.get("joins") or ()), *(select.args.get("laterals") or ())]:
        name = part.alias_or_name if isinstance(part, exp.Lateral) else part.this.alias_or_name
        if name not in scope.sources:
            raise TraceError(f"{part.sql(dialect='duckdb')[:60]} cannot be traced")
        yield name


def _tells_of_rows(item: exp.Expression, keys: set[str], *, is_grouped: bool) -> bool:
    """Whether a selected value depends on other rows than its own: an aggregate or a window function."""
    expression = item.this if isinstance(item, exp.Alias) else item
    if is_grouped and expression.sql() not in keys and not isinstance(expression, exp.Literal | exp.Null):
        return True
    return any(
        isinstance(node, exp.AggFunc | exp.Window)
        for node in expression.walk(prune=lambda node: isinstance(node, exp.Query))
    )


def _constants(query: exp.Expression) -> set[int]:
    """The positions of a select's columns that are one constant, other than null, for every row."""
    return {
        position
        for position, item in enumerate(query.selects if isinstance(query, exp.Select) else ())
        if not item.find(exp.Column) and not isinstance(item.unalias(), exp.Null)
    }


def _union(parts: Iterable[Leaves]) -> Leaves:
    return frozenset().union(*parts)
