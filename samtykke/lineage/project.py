"""The project as the lineage sees it, read off the manifest: relations with labelled columns, and every model's SQL."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from samtykke.lineage.labels import Label, read_label
from samtykke.lineage.templates import Renderer, TemplateError

SOURCE, SEED, MODEL = "source", "seed", "model"
NOTES = "told"
SEGMENTS, MARTS, ACTIVATION = "segments", "marts", "activation"
# Marts that no segment reads: what being in them tells depends on segments, or is for the gate to ask.
UNREADABLE = ((ACTIVATION,), ("consent",), ("operations",))


# A template that asks this may write one text for the reader and another for the database. Only these macros may: what
# they write when run was read by people.
_ASKS = re.compile(
    r"{[{%](?:(?![}%]}).)*\b(?:execute|WHICH|env_var|invocation_command|run_query|statement|adapter)\b", re.S
)
_ASK = frozenset(
    {
        "built_after",
        "connected_components",
        "consent_models_digest",
        "dense_components",
        "mail_models_digest",
        "identity_models_digest",
        "is_told_anew",
        "looked_at",
        "only_changed",
        "own_controller",
        "page_views_went",
        "segment_checksum",
        "starts_over",
        "stored_clicks_stand",
        "versions_of",
        "web_models_digest",
        "work_by",
        "touched_mentions",
        "worked",
    }
)
_MATERIALIZED = ("view", "table", "incremental", "ephemeral", "table_function")


class LineageError(ValueError):
    """The project's labels, segments or graph break a rule; the message is one line per problem."""


@dataclass(frozen=True)
class Relation:
    """A source table, a seed or a model, with its columns and their labels.

    Attributes:
        name: The bare name of a model or seed; ``source.table`` of a source.
        kind: ``source``, ``seed`` or ``model``.
        folders: The folders below ``models/`` that it lies in.
        columns: Its columns in their order; None where the label is missing or unreadable.
        sql: What it may be built from; an incremental model has two texts.
        parents: Names of the relations that dbt says it reads.
        is_public: Whether others than its own layer may read it.
        checksum: dbt's digest of the file of a model.
        parameters: Values that a caller gives, where the model is a table function.
        defects: What is wrong with its declaration, as finished sentences.
    """

    name: str
    kind: str
    folders: tuple[str, ...]
    columns: Mapping[str, Label | None]
    sql: tuple[str, ...] = ()
    parents: frozenset[str] = frozenset()
    is_public: bool = False
    checksum: str = ""
    parameters: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def is_segment(self) -> bool:
        return self.folders[:1] == (SEGMENTS,)


@dataclass(frozen=True)
class Exposure:
    """What somebody reads outside the project; ``leaves`` says that it is a recipient, not a report of our own."""

    name: str
    parents: frozenset[str]
    leaves: bool


@dataclass(frozen=True)
class Project:
    """Every relation by name, the exposures, and what the project declares for all.

    Attributes:
        relations: By name.
        exposures: By name.
        contract_purposes: The purposes that need no yes, because the contract permits them.
        minimum_group: The least number of people that makes a value anonymous.
        strays: What else the project builds that no lineage can follow, as finished sentences.
    """

    relations: Mapping[str, Relation]
    exposures: Mapping[str, Exposure] = field(default_factory=dict)
    contract_purposes: frozenset[str] = frozenset()
    minimum_group: int = 20
    strays: tuple[str, ...] = ()

    def models(self) -> Iterator[Relation]:
        """The models, in the order of their names."""
        return (self.relations[name] for name in sorted(self.relations) if self.relations[name].kind == MODEL)

    def segments(self) -> list[Relation]:
        return [model for model in self.models() if model.is_segment]

    def readable_marts(self) -> dict[str, Relation]:
        """Public marts of people and their acts: not those of segments, of consent or of the warehouse itself."""
        return {
            model.name: model
            for model in self.models()
            if model.folders[:1] == (MARTS,) and model.folders[1:2] not in UNREADABLE and model.is_public
        }


def read_project(manifest: Mapping[str, Any], variables: Mapping[str, object], folder: Path) -> Project:
    """Read the relations off a manifest; a parse is enough.

    Args:
        manifest: The parsed ``manifest.json``.
        variables: The project's ``vars``.
        folder: Where the project lies, for the seeds.

    Raises:
        LineageError: Two relations have one name.
    """
    nodes = {
        key: node
        for key, node in {**manifest["nodes"], **manifest["sources"]}.items()
        if node["resource_type"] in (MODEL, SEED, SOURCE)
    }
    names = {key: _name(node) for key, node in nodes.items()}
    purposes = _purposes(nodes.values(), folder)
    renderer = Renderer(manifest, variables)
    relations = {}
    for key, node in nodes.items():
        if names[key] in relations:
            raise LineageError(f"two relations are named {names[key]}; rename one")
        relations[names[key]] = _relation(node, names, purposes, folder, renderer)
    return Project(
        relations=relations,
        exposures={
            exposure["name"]: Exposure(
                exposure["name"],
                frozenset(names[key] for key in exposure["depends_on"]["nodes"] if key in names),
                leaves=exposure["type"] not in ("dashboard", "notebook", "analysis", "ml"),
            )
            for exposure in manifest.get("exposures", {}).values()
        },
        contract_purposes=frozenset(
            name for name, row in purposes.items() if row["is_permitted_by_contract"] == "true"
        ),
        minimum_group=int(str(variables.get("anonymous_group_minimum", 20))),
        strays=tuple(_strays(manifest)),
    )


def _strays(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What dbt builds or runs besides models, seeds and tests, and templates that read otherwise than they run."""
    project = manifest["metadata"]["project_name"]
    for macro in manifest["macros"].values():
        if macro["package_name"] == project and macro["name"] not in _ASK and _ASKS.search(macro["macro_sql"]):
            yield f"macro {macro['name']}: asks whether it is being run, so what it writes cannot be read; do not ask"
    for node in manifest["nodes"].values():
        if node["resource_type"] == MODEL and _ASKS.search(node["raw_code"]):
            yield f"{node['name']}: asks whether it is being run, so what is run cannot be read; do not ask"
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("snapshot", "operation"):
            yield f"{node['name']}: no lineage can follow a {node['resource_type']}; write a model"
        if node["resource_type"] == MODEL and node.get("language", "sql") != "sql":
            yield f"{node['name']}: no lineage can follow {node['language']}; write it in SQL"
        if node["resource_type"] == MODEL and node["config"].get("materialized") not in _MATERIALIZED:
            yield f"{node['name']}: {node['config'].get('materialized')} may write past the exit gate"
    for source in manifest["sources"].values():
        if "vault" in (source["source_name"], source.get("schema"), source.get("database")):
            yield f"{source['source_name']}.{source['name']}: no model reads the vault; only the export step does"


def _name(node: Mapping[str, Any]) -> str:
    return f"{node['source_name']}.{node['name']}" if node["resource_type"] == SOURCE else node["name"]


def _relation(
    node: Mapping[str, Any],
    names: Mapping[str, str],
    purposes: Mapping[str, object],
    folder: Path,
    renderer: Renderer,
) -> Relation:
    name, kind = _name(node), node["resource_type"]
    columns: dict[str, Label | None] = {}
    defects: list[str] = []
    if kind == SEED:
        # Reference data are of nobody; a seed that is about people says so by labels of its own.
        columns = dict.fromkeys(_header(node, folder), Label("technical", frozenset()))
    for column, described in node["columns"].items():
        if kind == SEED and not _is_labelled(described):
            continue
        columns[column], wrong = read_label(described, purposes)
        defects += [f"{name}.{column}: {problem}" for problem in wrong]
    sql: tuple[str, ...] = ()
    asked: set[str] = set()
    if kind == MODEL:
        try:
            sql = tuple(_texts(node, renderer, asked))
        except TemplateError as problem:
            defects.append(str(problem))
        defects += _hook_defects(node, renderer)
    return Relation(
        name=name,
        kind=kind,
        folders=tuple(node["fqn"][1:-1]),
        columns=columns,
        sql=sql,
        # what dbt found when it parsed, and what the text asks for now
        parents=frozenset(names[key] for key in node.get("depends_on", {}).get("nodes", []) if key in names)
        | asked.intersection(names.values()),
        is_public=node["config"].get("access") == "public",
        checksum=node.get("checksum", {}).get("checksum", ""),
        parameters=tuple(node["config"].get("parameters") or ()),
        defects=tuple(defects),
    )


def _texts(node: Mapping[str, Any], renderer: Renderer, asked: set[str], text: str | None = None) -> Iterator[str]:
    def ref(*given: str, **_: object) -> str:
        asked.add(given[-1])
        return f'"{given[-1]}"'

    def source(name: str, table: str) -> str:
        asked.add(f"{name}.{table}")
        return f'"{name}.{table}"'

    for is_incremental in (False, True) if node["config"].get("materialized") == "incremental" else (False,):
        yield renderer.render(node, ref=ref, source=source, is_incremental=is_incremental, text=text)


def _hook_defects(node: Mapping[str, Any], renderer: Renderer) -> Iterator[str]:
    """A hook may forget rows, note what a decision stands on (schema ``told``) or constants; none follows more."""
    for when in ("pre-hook", "post-hook"):
        for hook in node["config"].get(when) or ():
            text = hook["sql"] if isinstance(hook, Mapping) else hook
            try:
                for sql in _texts(node, renderer, set(), text):
                    if not all(_only_forgets_or_notes(statement) for statement in sqlglot.parse(sql, dialect="duckdb")):
                        yield f"{node['name']}: its {when} runs SQL that no lineage can follow; write a model"
            except (TemplateError, SqlglotError):
                yield f"{node['name']}: its {when} cannot be read"


def _only_forgets_or_notes(statement: exp.Expression | None) -> bool:
    if isinstance(statement, exp.Insert):
        target, values = statement.find(exp.Table), statement.expression
        is_constant = isinstance(values, exp.Values) and values.find(exp.Table) is None
        return is_constant or (target is not None and target.name.startswith(f"{NOTES}."))
    return statement is None or isinstance(statement, exp.Delete)


def _is_labelled(described: Mapping[str, Any]) -> bool:
    return "category" in {**described.get("meta", {}), **described.get("config", {}).get("meta", {})}


def _header(node: Mapping[str, Any], folder: Path) -> list[str]:
    with (folder / node["original_file_path"]).open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file, delimiter=node["config"].get("delimiter") or ","), [])


def _purposes(nodes: Iterable[Mapping[str, Any]], folder: Path) -> dict[str, dict[str, str]]:
    """The purposes of the seed ``purposes`` that can be permitted, with their rows: groups only say no."""
    for node in nodes:
        if node["resource_type"] == SEED and node["name"] == "purposes":
            with (folder / node["original_file_path"]).open(encoding="utf-8", newline="") as file:
                return {row["purpose"]: row for row in csv.DictReader(file) if row["kind"] != "group"}
    return {}
