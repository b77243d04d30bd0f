"""Hold every column's label against what its value is made of (decision 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from samtykke.lineage.anonymous import group_of
from samtykke.lineage.labels import CONSENT, IDENTIFIER, REASONS, Label
from samtykke.lineage.project import MODEL, Project, Relation
from samtykke.lineage.trace import ROWS, Leaf, Leaves, Traced

HELP = "docs/how-to/label-columns.md"


@dataclass(frozen=True)
class ColumnLineage:
    """A model's column: its label, what it is made of, and what that needs.

    Attributes:
        model: The model.
        column: The column.
        label: Its label.
        reads: The columns of other relations that its value is made of; ``ROWS`` where their rows decide it.
        needs: By purpose, the first of these that needs it; a declared reason does not shorten it.
    """

    model: str
    column: str
    label: Label
    reads: Leaves
    needs: Mapping[str, Leaf]


def rows_need(relation: Relation) -> frozenset[str]:
    """The purposes that must be permitted to know of a relation's rows: those that all its keys of people need.

    A key's label holds what decides the rows; what one key needs beyond the others is that key's own. Without any
    such key, every column's purposes.
    """
    labels = [label for label in relation.columns.values() if label]
    keys = [label.purposes for label in labels if label.category == IDENTIFIER]
    return frozenset.intersection(*keys) if keys else frozenset().union(*(label.purposes for label in labels))


def leaf_purposes(leaf: Leaf, project: Project) -> frozenset[str]:
    """What a column of a relation, or its rows, need."""
    relation = project.relations[leaf[0]]
    if leaf[1] == ROWS:
        return rows_need(relation)
    label = relation.columns.get(leaf[1])
    return label.purposes if label else frozenset()


def lineage_of(model: Relation, traced: Traced, project: Project) -> Iterator[ColumnLineage]:
    """Yield the lineage of a model's labelled columns.

    A key of people tells that they are there: it also needs what decides the model's rows. That somebody is there
    is what every consent fact says of its person; a consent fact does not need what knowing that needs, if it is no
    more than the contract permits.
    """
    for column, label in model.columns.items():
        reads = traced.of(column)
        if label is None or reads is None:
            continue
        if label.category == IDENTIFIER or any(_is_key(leaf, project) for leaf in reads):
            reads |= traced.rows
        needs: dict[str, Leaf] = {}
        for leaf in sorted(reads):
            purposes = leaf_purposes(leaf, project)
            if label.category == CONSENT and _names_somebody(leaf, project) and purposes <= project.contract_purposes:
                continue
            for purpose in sorted(purposes):
                needs.setdefault(purpose, leaf)
        yield ColumnLineage(model.name, column, label, reads, needs)


def column_problems(
    model: Relation, traced: Traced, lineage: Mapping[tuple[str, str], ColumnLineage], project: Project
) -> Iterator[str]:
    """Yield one sentence for every column of a model whose label is missing, empty of meaning or widened."""
    selected = [name for name, _ in traced.columns]
    for column in dict.fromkeys(selected):
        if column not in model.columns:
            needs = {purpose for leaf in traced.of(column) or () for purpose in leaf_purposes(leaf, project)}
            yield (
                f"{model.name}.{column}: has no category and purposes; it needs "
                f"{', '.join(sorted(needs)) or 'none'}; label it in its YAML ({HELP})"
            )
    for column, label in model.columns.items():
        if column not in selected:
            yield f"{model.name}.{column}: is described but not selected; remove it from the YAML"
        elif label is not None:
            yield from _label_problems(model, column, label, lineage, project)


def _label_problems(
    model: Relation,
    column: str,
    label: Label,
    lineage: Mapping[tuple[str, str], ColumnLineage],
    project: Project,
) -> Iterator[str]:
    name = f"{model.name}.{column}"
    known = lineage[model.name, column]
    missing = set(known.needs) - label.purposes
    if label.minimum_group is not None:
        if label.minimum_group < project.minimum_group:
            yield (
                f"{name}: declares groups of {label.minimum_group}; the project's least is {project.minimum_group} "
                "(anonymous_group_minimum in dbt_project.yml)"
            )
        for sql in model.sql:
            if refused := group_of(sql, column, label.minimum_group, project):
                yield f"{name}: is declared anonymised, but {refused}"
        return
    if label.reason is not None:
        reason = REASONS.get(label.reason)
        if reason is None:
            return
        if refused := reason.refusal(model.folders, column, label.category):
            yield f"{name}: the reason {label.reason} {refused}"
            return
        missing -= reason.drops or missing
        if not set(known.needs) - label.purposes:
            yield f"{name}: gives the reason {label.reason} but needs none; remove it"
    if missing:
        first = min(missing)
        says = ", ".join(sorted(label.purposes)) or f"{label.category}, no purpose"
        yield (
            f"{name}: needs {', '.join(sorted(missing))} (from {_origin(known, first, lineage, project)}) but its "
            f"label says {says}; add it, or declare why not ({HELP})"
        )


def _is_key(leaf: Leaf, project: Project) -> bool:
    label = project.relations[leaf[0]].columns.get(leaf[1])
    return label is not None and label.category == IDENTIFIER


def _names_somebody(leaf: Leaf, project: Project) -> bool:
    return leaf[1] == ROWS or _is_key(leaf, project)


def _origin(
    known: ColumnLineage, purpose: str, lineage: Mapping[tuple[str, str], ColumnLineage], project: Project
) -> str:
    """Where a need comes from: the source's column, and the models on the way."""
    way: list[Leaf] = []
    step: ColumnLineage | None = known
    while step is not None and purpose in step.needs and step.needs[purpose] not in way:
        way.append(step.needs[purpose])
        relation, column = way[-1]
        if column == ROWS or project.relations[relation].kind != MODEL:
            break
        step = lineage.get((relation, column))
    origin, *via = [_said(leaf) for leaf in reversed(way)]
    return origin + (f" via {', '.join(via)}" if via else "")


def _said(leaf: Leaf) -> str:
    return f"the rows of {leaf[0]}" if leaf[1] == ROWS else f"{leaf[0]}.{leaf[1]}"
