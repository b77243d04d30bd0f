"""Verify in the SQL that a value is of a group of people and of nobody: the one step that ends a column's lineage."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from samtykke.lineage.project import Project
from samtykke.lineage.trace import scope_of

PERSON = "person_id"
# Aggregates that do not give back one person's value. A minimum, a maximum, any value and a list do.
_OF_THE_GROUP = (exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Median, exp.Quantile, exp.Stddev, exp.StddevSamp)


def group_of(sql: str, column: str, minimum: int, project: Project) -> str | None:
    """Return why a column is not of groups of at least ``minimum`` people; None if it is.

    It is if the select that makes it has ``having count(distinct person_id) >= n`` with n at least ``minimum``, where
    ``person_id`` comes unchanged from relations' columns of that name, and the column is one of the group's keys or a
    count, sum, mean, median, quantile or deviation. Selects behind it may hand it on unchanged.

    Args:
        sql: The model's SQL.
        column: The column.
        minimum: The declared size of the smallest group.
        project: The relations that the SQL reads.
    """
    scope: Scope | None = scope_of(sql, {name: list(relation.columns) for name, relation in project.relations.items()})
    name = column
    while scope is not None and isinstance(scope.expression, exp.Select):
        select = scope.expression
        value = next((item.unalias() for item in select.selects if item.alias_or_name == name), None)
        if value is None:
            return "its select is not found"
        if select.args.get("having"):
            return _refusal(scope, select, value, minimum)
        if not isinstance(value, exp.Column) or select.args.get("joins"):
            break
        source = scope.sources.get(value.table)
        scope, name = (source, value.name) if isinstance(source, Scope) else (None, "")
    return f"no select that makes it has `having count(distinct {PERSON}) >= {minimum}`"


def _refusal(scope: Scope, select: exp.Select, value: exp.Expression, minimum: int) -> str | None:
    conditions = list(_conjuncts(select.args["having"].this))
    sizes = [size for condition in conditions if (size := _size(condition, scope)) is not None]
    if not sizes:
        return f"no select that makes it has `having count(distinct {PERSON}) >= {minimum}`"
    if max(sizes) < minimum:
        return f"its groups may be of {max(sizes)} people, not of {minimum}"
    keys = {key.sql() for key in (select.args["group"].expressions if select.args.get("group") else ())}
    if value.sql() in keys:
        return None
    for node in value.walk():
        if isinstance(node, exp.Query | exp.Window):
            return "it holds a subquery or a window function"
        if isinstance(node, exp.Column) and node.sql() not in keys and not _aggregated(node, value):
            return f"{node.sql(dialect='duckdb')} is outside the group"
        if isinstance(node, exp.AggFunc) and not isinstance(node, _OF_THE_GROUP):
            return f"{node.sql(dialect='duckdb')} may give back one person's value"
    return None


def _conjuncts(condition: exp.Expression) -> list[exp.Expression]:
    if isinstance(condition, exp.Paren):
        return _conjuncts(condition.this)
    if isinstance(condition, exp.And):
        return [*_conjuncts(condition.left), *_conjuncts(condition.right)]
    return [condition]


def _size(condition: exp.Expression, scope: Scope) -> int | None:
    """The least size of a group that a condition leaves, if it counts people."""
    turned = {exp.GTE: 0, exp.GT: 1}
    counted, limit = condition.args.get("this"), condition.args.get("expression")
    if type(condition) in (exp.LTE, exp.LT):  # 20 <= count(...)
        counted, limit, turned = limit, counted, {exp.LTE: 0, exp.LT: 1}
    if type(condition) not in turned or not isinstance(counted, exp.Count) or not isinstance(limit, exp.Literal):
        return None
    distinct = counted.this
    if not isinstance(distinct, exp.Distinct) or len(distinct.expressions) != 1 or not limit.is_int:
        return None
    return int(limit.name) + turned[type(condition)] if _is_person(distinct.expressions[0], scope) else None


def _is_person(column: exp.Expression, scope: Scope) -> bool:
    """Whether a column is some relation's ``person_id``, handed on unchanged."""
    if not isinstance(column, exp.Column):
        return False
    source = scope.sources.get(column.table)
    if not isinstance(source, Scope):
        return isinstance(source, exp.Table) and not isinstance(source.this, exp.Func) and column.name == PERSON
    branches = [source]
    while any(branch.set_operation_scopes for branch in branches):
        branches = [part for branch in branches for part in (branch.set_operation_scopes or [branch])]
    position = source.expression.named_selects.index(column.name)
    return all(
        isinstance(branch.expression, exp.Select) and _is_person(branch.expression.selects[position].unalias(), branch)
        for branch in branches
    )


def _aggregated(node: exp.Expression, top: exp.Expression) -> bool:
    while node is not top:
        if isinstance(node, exp.AggFunc):
            return True
        node = node.parent
    return isinstance(node, exp.AggFunc)
