"""What a segment would find and who of it would leave, before anything runs: counts only, on the last night's tables.

The rules are not written again. Which models depend on who is in a segment is read off dbt's graph, and their SQL is
what dbt compiled the last night; it runs on temporary tables that stand in for the segment's members and declaration.
Everything is opened read-only and under the home's lock: a night that starts meanwhile waits for seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from samtykke.lineage.project import SEGMENTS, LineageError, read_project
from samtykke.lineage.segments import segment_uses
from samtykke.lineage.templates import Renderer, TemplateError
from samtykke.moments import sql_text
from samtykke.segments.draft import Draft
from samtykke.segments.located import DefinitionError
from samtykke.segments.previewed import Overlap, Preview, Step, Waterfall
from samtykke.segments.properties import SegmentProperties
from samtykke.segments.record import destination_rows, property_rows
from samtykke.settings import ConfigurationError, Settings
from samtykke.storage.connect import open_home
from samtykke.storage.lock import home_lock

_GOAL = "audience_readiness"
_MEMBERS = "marts.segment_members"
# Stands for the digest of a text that is no file of the project.
_DRAFT = "draft"


def preview_segment(settings: Settings, draft: Draft, recipients: Sequence[str] = ()) -> Preview:
    """Count what a segment finds on the last night's tables; nothing is written.

    Args:
        settings: Whose home and project.
        draft: The segment, of the project or not.
        recipients: To whom it would go; default its destinations, else every recipient.

    Raises:
        ConfigurationError: Nothing has been built, or by other models than these.
        DefinitionError: The segment's SQL cannot be run, or its purposes cannot be derived.
        samtykke.storage.lock.HomeBusyError: A run is writing.
    """
    manifest = _manifest(settings)
    variables = yaml.safe_load((settings.project / "dbt_project.yml").read_text()).get("vars", {})
    with home_lock(settings), _tables(settings) as connection:
        as_of = sql_text(_one(connection, "select as_of from activation.export_gate"))
        node = {
            "name": draft.segment,
            "resource_type": "model",
            "fqn": [manifest["metadata"]["project_name"], SEGMENTS, draft.segment],
            "config": {"materialized": "view"},
            "columns": {},
            "checksum": {"checksum": _DRAFT},
            "raw_code": draft.sql,
        }
        purposes = _purposes(manifest, node, variables, settings.project)
        _fill_members(connection, manifest, node, {**variables, "as_of": as_of})
        declared = draft.properties or SegmentProperties(draft.segment, draft.segment, "", "")
        known = [name for (name,) in connection.execute("select recipient from reference.recipients").fetchall()]
        _declare(
            connection, replace(declared, destinations=tuple(recipients or declared.destinations or known)), purposes
        )
        if not _is_weighed(connection):
            _keep_only(connection, draft.segment)
        _run(connection, settings, manifest)
        before = _one(connection, f"select count(*) from {_MEMBERS} where segment = $1", draft.segment)
        return Preview(
            segment=draft.segment,
            as_of=as_of,
            people=_one(connection, "select count(*) from draft_members"),
            before=before if before or _is_known(connection, draft.segment) else None,
            purposes=purposes,
            overlaps=tuple(_overlaps(connection, draft.segment)),
            waterfalls=tuple(_waterfalls(connection, draft.segment)),
        )


def _manifest(settings: Settings) -> dict[str, Any]:
    file = settings.home / "dbt" / "manifest" / "manifest.json"
    if not file.exists() or not settings.warehouse.exists():
        raise ConfigurationError(f"nothing has been built in {settings.home}; run first: samtykke run")
    return json.loads(file.read_text())


@contextmanager
def _tables(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read-only; the words of an engine's error may quote a value, so only its kind is told."""
    with open_home(settings, read_only=True) as connection:
        try:
            yield connection
        except (duckdb.CatalogException, duckdb.BinderException):
            raise ConfigurationError(
                "the tables of the last night are not those of these models; run first: samtykke run"
            ) from None


def _purposes(
    manifest: Mapping[str, Any], node: Mapping[str, Any], variables: Mapping[str, object], folder: Path
) -> dict[str, tuple[str, ...]]:
    """Needed purposes with the columns that need them."""
    kept = {key: item for key, item in manifest["nodes"].items() if SEGMENTS not in item["fqn"][1:2]}
    try:
        uses, problems = segment_uses(read_project({**manifest, "nodes": {**kept, _DRAFT: node}}, variables, folder))
    except LineageError as problem:
        uses, problems = [], [str(problem)]
    if problems:
        raise DefinitionError("\n".join(problems))
    found: dict[str, list[str]] = {}
    for use in uses:
        found.setdefault(use.purpose, []).append(use.column_name)
    return {purpose: tuple(columns) for purpose, columns in found.items()}


def _fill_members(connection: duckdb.DuckDBPyConnection, manifest: Mapping, node: Mapping, variables: Mapping) -> None:
    try:
        sql = Renderer(manifest, variables).render(node, ref=lambda *names, **_: f'"{names[-1]}"', source=_refused)
    except TemplateError as problem:
        raise DefinitionError(str(problem)) from None
    connection.execute("set search_path = 'warehouse.marts'")
    try:
        connection.execute(f"create temp table draft_members as select person_id from ({sql}\n)")
    except duckdb.Error as problem:
        raise DefinitionError(f"segment {node['name']}: its SQL does not run: {type(problem).__name__}") from None
    finally:
        connection.execute("reset search_path")
    found, people = connection.execute("select count(*), count(distinct person_id) from draft_members").fetchone()
    if found != people:
        raise DefinitionError(
            f"segment {node['name']}: finds {found - people} people twice or not at all; group by person_id"
        )


def _refused(*_: object) -> str:
    raise ValueError("source() has no place in a segment; it reads public marts through ref()")


def _declare(
    connection: duckdb.DuckDBPyConnection, declared: SegmentProperties, purposes: Mapping[str, Sequence]
) -> None:
    """Temporary tables ``draft_...`` that stand in for what is there, this segment in place of its old self."""
    name = declared.segment
    rows = {
        "segment_properties": property_rows([declared]),
        "segment_destinations": destination_rows([declared]),
    }
    for table, content in rows.items():
        connection.execute(f"create temp table draft_{table} as from lineage.{table} where segment <> $1", [name])
        if content:
            places = ", ".join("?" for _ in content[0])
            connection.executemany(f"insert into draft_{table} values ({places})", content)
    connection.execute(
        "create temp table draft_segment_purposes as from lineage.segment_purposes where segment <> $1", [name]
    )
    for purpose, columns in purposes.items():
        for column in columns:
            connection.execute(
                "insert into draft_segment_purposes by name "
                "select $1 as segment, $2 as purpose, $3 as column_name, $4 as sql_checksum",
                [name, purpose, column, _DRAFT],
            )
    # purposes count for the text that they were derived from, and for no other
    connection.execute(
        "create temp table draft_segment_versions as from activation.segment_versions where segment <> $1"
        " union all by name select $1 as segment, $2 as sql_checksum",
        [name, _DRAFT],
    )
    connection.execute(
        f"create temp table draft_segment_members as from {_MEMBERS} where segment <> $1"
        f" union all by name select $1 as segment, person_id from draft_members",
        [name],
    )


def _is_weighed(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether what becomes of one audience may depend on others; else theirs need not be counted again."""
    query = "select count(*) from draft_segment_properties where cap_count is not null or exclusive_group is not null"
    return bool(_one(connection, query))


def _keep_only(connection: duckdb.DuckDBPyConnection, segment: str) -> None:
    for table in ("members", "properties", "destinations", "purposes", "versions"):
        connection.execute(f"delete from draft_segment_{table} where segment <> $1", [segment])


def _run(connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Mapping) -> None:
    """Run every model from the stand-ins to readiness, each as a temporary table."""
    project = manifest["metadata"]["project_name"]
    nodes = {**manifest["nodes"], **manifest["sources"]}
    swapped = {
        **{
            nodes[f"model.{project}.{table}"]["relation_name"]: f"draft_{table}"
            for table in ("segment_members", "segment_versions")
        },
        **{
            nodes[f"source.{project}.lineage.{table}"]["relation_name"]: f"draft_{table}"
            for table in ("segment_properties", "segment_destinations", "segment_purposes")
        },
    }
    for node in _between(manifest, {key for key, item in nodes.items() if item.get("relation_name") in swapped}):
        file = settings.home / "dbt" / "target" / "compiled" / project / node["original_file_path"]
        if not file.exists():
            raise ConfigurationError(f"the last night built no {node['name']}; run first: samtykke run")
        sql = file.read_text()
        for relation, stand_in in swapped.items():
            sql = sql.replace(relation, f"temp.{stand_in}")
        connection.execute(f"create temp table draft_{node['name']} as {sql}")
        swapped[node["relation_name"]] = f"draft_{node['name']}"


def _between(manifest: Mapping, sources: set[str]) -> list[Mapping]:
    """Models that depend on some of the sources and that readiness depends on, in the order they are built."""
    nodes = manifest["nodes"]
    ordered: list[str] = []
    changes = dict.fromkeys(sources, True)

    def visit(key: str) -> bool:
        if key not in changes:
            parents = [visit(parent) for parent in nodes.get(key, {}).get("depends_on", {}).get("nodes", [])]
            changes[key] = any(parents)
            if changes[key]:
                ordered.append(key)
        return changes[key]

    visit(f"model.{manifest['metadata']['project_name']}.{_GOAL}")
    return [nodes[key] for key in ordered]


def _overlaps(connection: duckdb.DuckDBPyConnection, segment: str) -> list[Overlap]:
    rows = connection.execute(
        f"""
        select
            other.segment, count(*) as people, count(draft_members.person_id) as shared,
            count(draft_members.person_id)
                / nullif(count(*) + (select count(*) from draft_members) - count(draft_members.person_id), 0),
        from {_MEMBERS} as other
        left join draft_members on other.person_id = draft_members.person_id
        where other.segment <> $1
        group by other.segment order by shared desc, other.segment
        """,
        [segment],
    ).fetchall()
    return [Overlap(*row) for row in rows]


def _waterfalls(connection: duckdb.DuckDBPyConnection, segment: str) -> list[Waterfall]:
    rows = connection.execute(
        """
        with steps as (
            select
                recipient,
                list({'step': step, 'people': people, 'dropped': dropped, 'reason': reason} order by step_number)
                    as steps,
            from draft_audience_step_counts where segment = $1 group by recipient
        )
        select
            recipient, steps, expected_low, expected_matched, expected_high, basis, platform_minimum, business_minimum,
            status, suggestion,
        from steps inner join draft_audience_readiness as readiness using (recipient)
        where readiness.segment = $1 order by recipient
        """,
        [segment],
    ).fetchall()
    return [Waterfall(recipient, tuple(Step(**step) for step in steps), *rest) for recipient, steps, *rest in rows]


def _is_known(connection: duckdb.DuckDBPyConnection, segment: str) -> bool:
    return bool(_one(connection, "select count(*) from lineage.segment_properties where segment = $1", segment))


def _one(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> Any:
    row = connection.execute(query, list(values)).fetchone()
    if row is None:
        raise ConfigurationError("no audiences have been built; run first: samtykke run")
    return row[0]
