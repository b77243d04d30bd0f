"""The dbt project in three phases: what decides at the door, everything behind it, and what tells of the exports."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

from assets.context import Home, environment_of_dbt
from assets.groups import group_of, owner
from assets.lineage import lineage_key, needs_metadata
from assets.metadata import ROW_COUNT, row_counts
from assets.project import run_target
from samtykke.lineage.show import Needs, needs_sentence
from samtykke.project import dbt_executable

# A model with this tag reads what the export step has written in the same run.
AFTER_EXPORT = "after_export"
_TABLE_NAME = "dagster/table_name"


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets: grouped by the folder they lie in, owned by the group's team.

    dbt cannot know that a model reads what an export of the same run wrote; its tag says so. Nor that nothing is built
    from data whose labels do not hold: whatever reads them first waits for the check.
    """

    def __init__(self, settings: DagsterDbtTranslatorSettings, exports: Sequence[dg.AssetKey], needs: Needs) -> None:
        super().__init__(settings)
        self._exports = exports
        self._needs = needs

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = self.get_resource_props(manifest, unique_id)
        if node["resource_type"] == "source":
            # By its table Dagster would take a source for the model that writes it, and what a model reads as the last
            # build left it would wait for this one.
            return spec.replace_attributes(
                metadata={name: value for name, value in spec.metadata.items() if name != _TABLE_NAME}
            )
        group = group_of(node)
        kind = node["config"]["materialized"]
        spec = spec.replace_attributes(group_name=group, owners=[owner(group)], kinds={"dbt", "duckdb", kind})
        if group == "staging":
            spec = spec.merge_attributes(deps=[lineage_key()])
        if group == "segments":
            needs = self._needs.get(node["name"])
            spec = spec.merge_attributes(metadata=needs_metadata(needs)).replace_attributes(
                description=f"{spec.description}\n\n{needs_sentence(needs)}"
            )
        return spec.merge_attributes(deps=self._exports) if AFTER_EXPORT in node["tags"] else spec


def build_warehouse(
    *, project: DbtProject, manifest: Mapping[str, Any], exports: Sequence[dg.AssetKey], needs: Needs
) -> dg.Definitions:
    """Return the assets and checks of all phases (``selectors.yml``), and the dbt resource they run with."""
    translator = Translator(DagsterDbtTranslatorSettings(enable_asset_checks=True), exports, needs)
    resource = DbtCliResource(
        project_dir=project, dbt_executable=dbt_executable(), global_config_flags=["--no-use-colors"]
    )
    phases = [_phase(selector, project, manifest, translator) for selector in ("door", "warehouse", AFTER_EXPORT)]
    return dg.Definitions(assets=phases, resources={"dbt": resource})


def _phase(
    selector: str, project: DbtProject, manifest: Mapping[str, Any], translator: Translator
) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest,
        project=project,
        selector=selector,
        name=f"dbt_{selector}",
        dagster_dbt_translator=translator,
    )
    def phase(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
        yield from _build(context, dbt, home, manifest)

    return phase


def _build(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home, manifest: Mapping[str, Any]
) -> Iterator[Any]:
    """Run ``dbt build`` and hand on its events, each table with its rows.

    The events wait for the end of dbt: until then its process holds the file, and nobody else can count.
    """
    # Unit tests prove the models, not the night's data: they belong to `make test`.
    arguments = ["build", "--exclude-resource-type", "unit_test", "--vars", json.dumps(home.dbt_variables)]
    if home.full_refresh:
        arguments.append("--full-refresh")
    with environment_of_dbt(home.settings):
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
            event = event.with_metadata({**event.metadata, ROW_COUNT: rows[name]})
        yield event
    if failure:
        raise failure


def _relation(node: Mapping[str, Any]) -> str | None:
    """The relation to count; a view costs what its query costs and a function has no rows, so they are not counted."""
    if node["config"]["materialized"] in ("view", "table_function"):
        return None
    return f"{node['database']}.{node['schema']}.{node['alias']}"
