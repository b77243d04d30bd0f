"""The whole check of a project: every label against the SQL, every segment's purposes, every way to an export."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot

from samtykke.lineage import trace as tracing
from samtykke.lineage.columns import ColumnLineage, column_problems, lineage_of
from samtykke.lineage.graph import graph_problems
from samtykke.lineage.project import Project, read_project
from samtykke.lineage.segments import PurposeUse, segment_uses
from samtykke.lineage.trace import Traced, TraceError, trace


@dataclass(frozen=True)
class Report:
    """What the check found.

    Attributes:
        project: What was checked.
        columns: The lineage of every labelled column of every model, by model and column.
        uses: Why each segment needs its purposes; without the segments whose purposes cannot be derived.
        problems: One sentence per problem, each once; none means that the project holds.
    """

    project: Project
    columns: tuple[ColumnLineage, ...]
    uses: tuple[PurposeUse, ...]
    problems: tuple[str, ...]


class Traces:
    """Traces of earlier checks, kept in a file: a model whose text and inputs are unchanged is not parsed again."""

    def __init__(self, file: Path | None = None) -> None:
        """Read the file, if there is one of this version of the tracing."""
        self._file = file
        self._version = hashlib.sha256(Path(tracing.__file__).read_bytes() + sqlglot.__version__.encode()).hexdigest()
        self._kept: dict[str, Any] = {}
        self._used: dict[str, Any] = {}
        try:
            stored = json.loads(file.read_text()) if file else {}
        except (OSError, ValueError):
            stored = {}
        if isinstance(stored, dict) and stored.get("version") == self._version:
            self._kept = stored["traces"]

    def trace(self, sql: str, relations: Mapping[str, list[str]], parameters: tuple[str, ...] = ()) -> Traced:
        """As ``samtykke.lineage.trace.trace``."""
        key = hashlib.sha256(json.dumps([sql, relations, parameters], sort_keys=True).encode()).hexdigest()
        if key not in self._kept:
            traced = trace(sql, relations, parameters)
            self._kept[key] = [[[name, sorted(leaves)] for name, leaves in traced.columns], sorted(traced.rows)]
        self._used[key] = columns, rows = self._kept[key]
        return Traced(
            tuple((name, frozenset(map(tuple, leaves))) for name, leaves in columns), frozenset(map(tuple, rows))
        )

    def keep(self) -> None:
        """Write what this check used."""
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps({"version": self._version, "traces": self._used}))
            part.replace(self._file)


def check_manifest(
    manifest: Mapping[str, Any], variables: Mapping[str, object], folder: Path, *, cache: Path | None = None
) -> Report:
    """Check a project by its manifest.

    Args:
        manifest: The parsed ``manifest.json``; a parse is enough, nothing has to be compiled.
        variables: The project's ``vars``.
        folder: Where the project lies.
        cache: A file for the traces; without one nothing is kept.

    Raises:
        LineageError: The manifest cannot be read as a project.
    """
    project = read_project(manifest, variables, folder)
    kept = Traces(cache)
    problems: list[str] = []
    traces: dict[str, Traced] = {}
    for relation in project.relations.values():
        problems += relation.defects
        if relation.kind == "source" and not relation.columns:
            problems.append(f"{relation.name}: its columns are not described; label each in its YAML")
    for model in project.models():
        try:
            if model.sql:
                # its parents and, where it is incremental, itself
                read = {name: list(project.relations[name].columns) for name in {*model.parents, model.name}}
                traces[model.name] = _combined([kept.trace(sql, read, model.parameters) for sql in model.sql])
        except TraceError as problem:
            problems.append(f"{model.name}: {problem}")
    lineage = {
        (column.model, column.column): column
        for name, traced in traces.items()
        for column in lineage_of(project.relations[name], traced, project)
    }
    for name, traced in traces.items():
        problems += column_problems(project.relations[name], traced, lineage, project)
    uses, refused = segment_uses(project)
    problems += refused
    problems += graph_problems(project, traces)
    kept.keep()
    return Report(project, tuple(lineage.values()), tuple(uses), tuple(dict.fromkeys(problems)))


def _combined(traces: list[Traced]) -> Traced:
    """The two texts of an incremental model as one: made of whatever either is made of."""
    first, *others = traces
    if not others:
        return first
    names = dict.fromkeys(name for traced in traces for name, _ in traced.columns)
    return Traced(
        tuple((name, frozenset().union(*(traced.of(name) or () for traced in traces))) for name in names),
        frozenset().union(*(traced.rows for traced in traces)),
    )
