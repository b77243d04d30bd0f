"""Derive from a segment's SQL which purposes it needs: no author writes (or forgets) a consent condition.

Every column of a mart is labelled with the purposes that must be permitted before its value may be used
(``config.meta.purposes``). A segment needs the union over the columns it touches anywhere: selected, joined,
filtered or grouped. The label of a mart's ``person_id`` says what being in that mart tells, so a segment that
only asks who is there needs it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import sqlglot
import yaml
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from samtykke.activation.templates import TemplateError, render_model
from samtykke.settings import Settings
from samtykke.storage.connect import open_home

SEGMENTS, MARTS, ACTIVATION = "segments", "marts", "activation"


class SegmentError(ValueError):
    """A segment's purposes cannot be derived; the message names the segment and the column."""


@dataclass(frozen=True, order=True)
class PurposeUse:
    """One reason why a segment needs a purpose."""

    segment: str
    purpose: str
    column_name: str


def refresh_segment_purposes(settings: Settings, manifest: Path, *, now: datetime | None = None) -> list[PurposeUse]:
    """Derive the purposes of every segment and write them to ``lineage.segment_purposes``.

    Args:
        settings: Whose home and project.
        manifest: dbt's ``manifest.json``; a parse is enough, nothing has to be compiled.
        now: Our clock, for ``computed_at``; unchanged purposes keep the moment they were first computed.

    Raises:
        SegmentError: Some segment's purposes cannot be derived; what was written before stays.
    """
    variables = yaml.safe_load((settings.project / "dbt_project.yml").read_text()).get("vars", {})
    uses = derive_segment_purposes(json.loads(manifest.read_text()), variables)
    with open_home(settings) as connection:
        _record(connection, uses, now or datetime.now(UTC).replace(tzinfo=None))
    return uses


def derive_segment_purposes(manifest: Mapping, variables: Mapping[str, object]) -> list[PurposeUse]:
    """Return what every segment of the manifest needs, in order.

    Args:
        manifest: The parsed ``manifest.json``.
        variables: The project's ``vars``, for segments that read them.

    Raises:
        SegmentError: All problems of all segments, one line each.
    """
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    marts = {node["name"]: node for node in models if _is_readable(node)}
    segments = [node for node in models if node["fqn"][1] == SEGMENTS]
    columns = {name: list(node["columns"]) for name, node in marts.items()}
    uses: set[PurposeUse] = set()
    problems: list[str] = []
    for node in sorted(segments, key=lambda item: item["name"]):
        try:
            sql = render_model(manifest, node, variables)
            for mart, column in used_columns(node["name"], sql, columns):
                uses.update(_needs(node["name"], marts[mart], column))
        except (SegmentError, TemplateError) as problem:
            problems.append(str(problem))
    if problems:
        raise SegmentError("\n".join(problems))
    return sorted(uses)


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
        raise SegmentError(f"segment {segment}: {problem}") from None
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
    return used


def _is_readable(node: Mapping) -> bool:
    """Public marts, but not those made from segments: what being in one tells depends on the segment."""
    folders = node["fqn"][1:-1]
    return folders[:1] == [MARTS] and ACTIVATION not in folders and node["config"].get("access") == "public"


def _parse(segment: str, sql: str) -> exp.Query:
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except SqlglotError as problem:
        raise SegmentError(f"segment {segment}: {problem}") from None
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


def _needs(segment: str, mart: Mapping, column: str) -> list[PurposeUse]:
    described = mart["columns"].get(column, {})
    meta = {**described.get("meta", {}), **described.get("config", {}).get("meta", {})}
    name = f"{mart['name']}.{column}"
    if "category" not in meta or not isinstance(meta.get("purposes"), list):
        raise SegmentError(f"segment {segment}: column {name} has no category and purposes; label it in its mart")
    if not meta["purposes"] and meta["category"] != "technical":
        raise SegmentError(f"segment {segment}: column {name} is personal ({meta['category']}) but names no purpose")
    return [PurposeUse(segment, purpose, name) for purpose in meta["purposes"]]


def _record(connection: duckdb.DuckDBPyConnection, uses: list[PurposeUse], now: datetime) -> None:
    rows = [(use.segment, use.purpose, use.column_name) for use in uses]
    stored = connection.execute("select segment, purpose, column_name from lineage.segment_purposes").fetchall()
    if sorted(stored) == rows:
        return
    connection.execute("begin")
    connection.execute("delete from lineage.segment_purposes")
    if rows:
        connection.executemany(
            "insert into lineage.segment_purposes values ($1, $2, $3, $4)", [(*row, now) for row in rows]
        )
    connection.execute("commit")
