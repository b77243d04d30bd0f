"""What people read: the published marts, Data Docs and the dbt docs."""

import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtProject

from assets.context import Home, retried
from assets.groups import PUBLISHED, owner
from assets.project import docs_target
from samtykke.lineage.show import Needs, write_docs
from samtykke.project import dbt_environment, dbt_executable
from samtykke.publish import marts_file, publish_marts
from samtykke.quality import build_data_docs
from samtykke.settings import Settings

# Two nights may be missed for a weekend's repair; after that BI shows people who may have said no.
_FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))


def build_publication(*, project: DbtProject, manifest: Mapping[str, Any], needs: Needs) -> dg.Definitions:
    """Return the assets behind the marts."""
    marts = [
        dg.AssetKey([node["config"]["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    ]

    @dg.asset(
        key=["published", "marts"],
        deps=marts,
        description="The marts for BI, `published/marts.duckdb` and `published/parquet/`, and `profiles.sqlite` beside "
        "them, where one person is looked up; each swapped whole.",
        group_name=PUBLISHED,
        owners=[owner(PUBLISHED)],
        kinds={"python", "duckdb", "parquet"},
        freshness_policy=_FRESH,
    )
    def published_marts(home: Home) -> dg.MaterializeResult:
        with retried():
            publication = publish_marts(home.settings, as_of=home.moment)
        return dg.MaterializeResult(
            metadata={
                "file": dg.MetadataValue.path(marts_file(home.settings)),
                "tables": len(publication.tables),
                "rows": sum(table.rows for table in publication.tables),
                "changed": publication.changed,
            }
        )

    @dg.asset(
        key=["docs", "data_docs"],
        deps=marts,
        description="Great Expectations' report: the newest result of every suite as a local page.",
        group_name=PUBLISHED,
        owners=[owner(PUBLISHED)],
        kinds={"python", "greatexpectations"},
    )
    def data_docs(home: Home) -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(build_data_docs(home.settings))})

    @dg.asset(
        key=["docs", "dbt"],
        deps=marts,
        description="dbt's documentation of every model and column as one page, with what each segment needs; made "
        "anew when the project changes.",
        group_name=PUBLISHED,
        owners=[owner(PUBLISHED)],
        kinds={"dbt"},
    )
    def dbt_docs(home: Home) -> dg.MaterializeResult:
        page = home.settings.home / "docs" / "dbt" / "index.html"
        if not page.exists() or page.stat().st_mtime_ns < project.manifest_path.stat().st_mtime_ns:
            _generate_docs(home.settings, home.moment_text, page, needs)
        return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(page)})

    return dg.Definitions(assets=[published_marts, data_docs, dbt_docs])


def _generate_docs(settings: Settings, as_of: str, page: Path, needs: Needs) -> None:
    target = docs_target(settings)
    command = [dbt_executable(), "docs", "generate", "--no-compile", "--quiet"]
    command += ["--vars", f'{{"as_of": "{as_of}"}}']
    command += ["--target-path", str(target), "--log-path", str(target)]
    command += ["--project-dir", str(settings.project), "--profiles-dir", str(settings.project)]
    subprocess.run(command, cwd=settings.project, env=dbt_environment(settings), check=True, capture_output=True)
    write_docs(target, page, needs)
