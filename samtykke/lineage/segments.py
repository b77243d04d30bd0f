"""Derive from a segment's SQL which purposes it needs: no author writes (or forgets) a consent condition.

A segment needs the union over the columns it touches anywhere: selected, joined, filtered or grouped; and what
knowing of the rows of each mart that it reads needs, so that one which only asks who is there needs that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from samtykke.lineage.columns import rows_need
from samtykke.lineage.labels import CONSENT, IDENTIFIER
from samtykke.lineage.project import LineageError, Project, Relation
from samtykke.lineage.trace import one_line


class SegmentError(LineageError):
    """A segment's purposes cannot be derived; the message names the segment and the column."""


@dataclass(frozen=True, order=True)
class PurposeUse:
    """One reason why a segment needs a purpose.

    Attributes:
        segment: The segment.
        purpose: What it needs.
        column_name: The mart's column that brings it.
        sql_checksum: dbt's digest of the segment's file that this was derived from.
    """

    segment: str
    purpose: str
    column_name: str
    sql_checksum: str


def segment_uses(project: Project) -> tuple[list[PurposeUse], list[str]]:
    """Return what every segment of a project needs, in order, and the sentences of those where it cannot be told."""
    marts = project.readable_marts()
    columns = {name: list(mart.columns) for name, mart in marts.items()}
    uses: set[PurposeUse] = set()
    problems: list[str] = []
    for segment in project.segments():
        try:
            found = set()
            for sql in segment.sql:
                for mart, column in used_columns(segment.name, sql, columns):
                    found.update(_needs(segment, marts[mart], column))
            if segment.sql and not found:
                raise SegmentError(f"segment {segment.name}: needs no purpose at all; a segment reads people's data")
            uses |= found
        except SegmentError as problem:
            problems.append(str(problem))
    return sorted(uses), problems


def used_columns(segment: str, sql: str, marts: Mapping[str, Iterable[str]]) -> set[tuple[str, str]]:
    """Return every (mart, column) that a segment's SQL touches.

    Args:
        segment: Its name, for error messages.
        sql: One rendered select statement in DuckDB's dialect.
        marts: Public marts and their columns.

    Raises:
        SegmentError: The SQL is not one select of ``person_id``, reads something that is no public mart, or
            holds a construct whose columns cannot be told: ``*``, ``columns()``, a table function, a natural
            join, a pivot, a whole row.
    """
    tree = _parse(segment, sql)
    _refuse_untraceable(segment, tree, set(marts))
    schema = {name: {column: "unknown" for column in columns} for name, columns in marts.items()}
    try:
        tree = qualify(tree, dialect="duckdb", schema=schema, expand_stars=False, quote_identifiers=False)
    except SqlglotError as problem:
        raise SegmentError(f"segment {segment}: {one_line(problem)}") from None
    if tree.named_selects != ["person_id"]:
        raise SegmentError(f"segment {segment}: selects {', '.join(tree.named_selects)}; it must select person_id only")
    if row := tree.find(exp.TableColumn):
        raise SegmentError(f"segment {segment}: column {row.sql()} is a whole row; name the columns")
    used: set[tuple[str, str]] = set()
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and source.name not in marts:
                raise SegmentError(f"segment {segment}: reads {source.name or source.sql()}, which is no public mart")
        for column in scope.columns:
            source = _source(scope, column)
            if source is None:
                raise SegmentError(f"segment {segment}: cannot tell where column {column.sql()} comes from")
            if isinstance(source, exp.Table):
                used.add((source.name, column.name))
    if unread := {node.name for node in tree.find_all(exp.Table) if node.name in marts} - {mart for mart, _ in used}:
        raise SegmentError(f"segment {segment}: uses no column of {min(unread)}; name what it asks there")
    return used


def _parse(segment: str, sql: str) -> exp.Query:
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except SqlglotError as problem:
        raise SegmentError(f"segment {segment}: {one_line(problem)}") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise SegmentError(f"segment {segment}: must be one select statement")
    return statements[0]


def _refuse_untraceable(segment: str, tree: exp.Query, marts: set[str]) -> None:
    known = marts | {common.alias for common in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            raise SegmentError(f"segment {segment}: column * hides which columns are used; name them")
        if isinstance(node, exp.Columns | exp.Pivot | exp.PositionalColumn):
            raise SegmentError(f"segment {segment}: column {node.sql()} hides which columns are used; name them")
        if isinstance(node, exp.Join) and node.method == "NATURAL":
            raise SegmentError(f"segment {segment}: a natural join hides which columns are used; write the condition")
        if isinstance(node, exp.Table) and (node.name not in known or node.db):
            raise SegmentError(f"segment {segment}: reads {node.sql()}, which is no public mart")


def _source(scope: Scope, column: exp.Column) -> exp.Table | Scope | None:
    """Where a column comes from: the nearest scope that knows its qualifier, outer ones for a subquery."""
    within: Scope | None = scope
    while within is not None:
        if column.table in within.sources:
            return within.sources[column.table]
        within = within.parent
    return None


def _needs(segment: Relation, mart: Relation, column: str) -> list[PurposeUse]:
    name = f"{mart.name}.{column}"
    label = mart.columns[column]
    if label is None:
        raise SegmentError(f"segment {segment.name}: column {name} has no category and purposes; label it in its mart")
    if label.category == CONSENT:
        raise SegmentError(f"segment {segment.name}: column {name} is a consent fact; the exit gate asks for consent")
    rows = next((key for key, own in mart.columns.items() if own and own.category == IDENTIFIER), column)
    needed = {purpose: name for purpose in label.purposes}
    needed.update({purpose: f"{mart.name}.{rows}" for purpose in rows_need(mart) if purpose not in needed})
    return [PurposeUse(segment.name, purpose, said, segment.checksum) for purpose, said in needed.items()]
