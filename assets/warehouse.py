"""The dbt project in two phases: what decides at the door, then everything behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

from assets.context import Home, dbt_environment
from assets.groups import group_of, owner
from assets.metadata import row_counts
from assets.project import dbt_executable, run_target


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets: grouped by the folder they lie in, owned by the group's team."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = self.get_resource_props(manifest, unique_id)
        if node["resource_type"] == "source":
            return spec
        group = group_of(node)
        kind = node["config"]["materialized"]
        return spec.replace_attributes(group_name=group, owners=[owner(group)], kinds={"dbt", "duckdb", kind})


def build_warehouse(*, project: DbtProject, manifest: Mapping[str, Any]) -> dg.Definitions:
    """Return the assets and checks of both phases, and the dbt resource they run with."""
    translator = Translator(DagsterDbtTranslatorSettings(enable_asset_checks=True))

    @dbt_assets(
        manifest=manifest,
        project=project,
        selector="door",
        name="dbt_door",
        dagster_dbt_translator=translator,
    )
    def dbt_door(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
        yield from _build(context, dbt, home, manifest)

    @dbt_assets(
        manifest=manifest,
        project=project,
        selector="warehouse",
        name="dbt_warehouse",
        dagster_dbt_translator=translator,
    )
    def dbt_warehouse(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
        yield from _build(context, dbt, home, manifest)

    resource = DbtCliResource(project_dir=project, dbt_executable=dbt_executable())
    return dg.Definitions(assets=[dbt_door, dbt_warehouse], resources={"dbt": resource})


def _build(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home, manifest: Mapping[str, Any]
) -> Iterator[Any]:
    """Run ``dbt build`` and hand on its events, each table with its rows.

    The events wait for the end of dbt: until then its process holds the file, and nobody else can count.
    """
    arguments = ["build", "--vars", json.dumps({"as_of": home.moment_text})]
    if home.full_refresh:
        arguments.append("--full-refresh")
    with dbt_environment(home.settings):
        invocation = dbt.cli(arguments, context=context, target_path=run_target(home.settings))
    events: list[Any] = []
    failure: Exception | None = None
    try:
        events.extend(invocation.stream())
    except Exception as error:  # yielded first what did work, then raised
        failure = error
    relations = {
        event.output_name: _relation(manifest["nodes"][event.metadata["unique_id"].value])
        for event in events
        if isinstance(event, dg.Output)
    }
    with home.open(read_only=True) as connection:
        rows = row_counts(connection, [name for name in relations.values() if name])
    for event in events:
        if isinstance(event, dg.Output) and (name := relations[event.output_name]):
            event = event.with_metadata({**event.metadata, **dg.TableMetadataSet(row_count=rows[name])})
        yield event
    if failure:
        raise failure


def _relation(node: Mapping[str, Any]) -> str | None:
    """The relation to count; a view costs what its query costs, so it is not counted."""
    if node["config"]["materialized"] == "view":
        return None
    return f"{node['database']}.{node['schema']}.{node['alias']}"
