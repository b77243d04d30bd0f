"""Great Expectations suites as asset checks: one step per stage, so that each opens the file once."""

from collections.abc import Iterator, Sequence

import dagster as dg

from assets.context import Home
from samtykke.exported import exported_tables
from samtykke.quality import Suite, SuiteResult, load_suites, run_suites
from samtykke.settings import Settings


def build_quality_checks(*, settings: Settings) -> dg.Definitions:
    """Return one multi-asset check per stage of ``expectations/``."""
    suites = load_suites(settings)
    stages = sorted({suite.stage for suite in suites.values()})
    return dg.Definitions(
        asset_checks=[
            _stage_checks(stage, [suite for suite in suites.values() if suite.stage == stage]) for stage in stages
        ]
    )


def _stage_checks(stage: str, suites: Sequence[Suite]) -> dg.AssetChecksDefinition:
    by_key = {dg.AssetCheckKey(_asset_key(suite), _check_name(suite)): suite for suite in suites}
    specs = [
        dg.AssetCheckSpec(
            name=key.name,
            asset=key.asset_key,
            description=suite.description,
            blocking=suite.blocking,
            metadata={"suite": dg.MetadataValue.path(f"expectations/{suite.name}.json")},
        )
        for key, suite in by_key.items()
    ]

    @dg.multi_asset_check(
        name=f"expectations_{stage}",
        specs=specs,
        can_subset=True,
        description=f"Great Expectations suites of the stage {stage}.",
    )
    def check(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        selected = [suite for key, suite in by_key.items() if key in context.selected_asset_check_keys]
        names = [suite.name for suite in selected]
        if stage == "exports":
            with exported_tables(home.settings) as database:
                results = run_suites(home.settings, names, run_name=context.run.run_id, database=database)
        else:
            results = run_suites(home.settings, names, run_name=context.run.run_id, accept_drop=home.accept_drop)
        for suite, result in zip(selected, results, strict=True):
            yield _check_result(suite, result)

    return check


def _check_result(suite: Suite, result: SuiteResult) -> dg.AssetCheckResult:
    failed = [
        f"{item.severity}: {item.description}" + (f" ({item.rows} rows)" if item.rows is not None else "")
        for item in result.failed
    ]
    return dg.AssetCheckResult(
        asset_key=_asset_key(suite),
        check_name=_check_name(suite),
        passed=result.success,
        severity=dg.AssetCheckSeverity.ERROR if result.critical else dg.AssetCheckSeverity.WARN,
        description="; ".join(failed) or f"all {result.evaluated} expectations hold",
        metadata={"expectations": result.evaluated, "failed": len(result.failed)},
    )


def _asset_key(suite: Suite) -> dg.AssetKey:
    return dg.AssetKey(suite.relation.split("."))


def _check_name(suite: Suite) -> str:
    return f"expect_{suite.name}"
