"""Run Great Expectations suites against a home, and build Data Docs from their latest results.

A suite is a file ``expectations/<suite>.json``: the expectations as Great Expectations writes them, and a ``meta`` that
names the relation they hold for. Results carry counts, never values: what a suite found may be logged and kept.
Great Expectations takes seconds to import, so it is imported only where it is used.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samtykke.publish import published_rows
from samtykke.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from great_expectations.data_context import AbstractDataContext
    from great_expectations.datasource.fluent import SQLDatasource

# Counts only: with any other format results quote the offending values.
_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
_DATASOURCE = "home"
_ANY = 2**62
# A table this small may grow by any factor.
_SMALL = 10_000


@dataclass(frozen=True)
class Suite:
    """One suite file.

    ``relation`` is ``<schema>.<table>``; ``stage`` says when it runs (``landing``, ``door``, ``marts``, ``exports``,
    ``campaign``); a ``blocking`` suite stops what lies behind its relation when an expectation of severity ``critical``
    fails.
    """

    name: str
    relation: str
    stage: str
    blocking: bool
    description: str
    expectations: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class FailedExpectation:
    """One expectation that did not hold: what it says, how bad that is and in how many rows (None: not counted)."""

    description: str
    severity: str
    rows: int | None


@dataclass(frozen=True)
class SuiteResult:
    """What became of one suite."""

    suite: str
    relation: str
    evaluated: int
    failed: Sequence[FailedExpectation] = field(default=())

    @property
    def success(self) -> bool:
        return not self.failed

    @property
    def critical(self) -> bool:
        """Whether an expectation failed that must not be overlooked."""
        return any(item.severity == "critical" for item in self.failed)


def load_suites(settings: Settings) -> dict[str, Suite]:
    """Read every ``expectations/*.json`` of the project.

    Raises:
        ConfigurationError: A file is not a suite; the message names it.
    """
    suites = {}
    for file in sorted((settings.project / "expectations").glob("*.json")):
        try:
            content = json.loads(file.read_text())
            meta = content["meta"]
            suites[file.stem] = Suite(
                name=file.stem,
                relation=meta["relation"],
                stage=meta["stage"],
                blocking=bool(meta["blocking"]),
                description=content["notes"],
                expectations=content["expectations"],
            )
        except (ValueError, KeyError) as error:
            raise ConfigurationError(f"expectations/{file.name} is not a suite: {type(error).__name__}") from None
    return suites


def run_suites(
    settings: Settings,
    names: Sequence[str],
    *,
    run_name: str,
    database: Path | None = None,
    accept_drop: bool = False,
) -> list[SuiteResult]:
    """Validate suites read-only, one batch per table, and keep the newest result of each for Data Docs.

    Suites may ask for ``rows_floor`` and ``rows_ceiling``: a tenth and ten times of the relation's published rows.

    No other connection of this process may be open on the same file: DuckDB gives one configuration per process.

    Args:
        settings: Whose home.
        names: Suites to run.
        run_name: What Data Docs call this run.
        database: The DuckDB file; default the warehouse.
        accept_drop: Do not stop at a fall below ``rows_floor``: it is meant.
    """
    suites = [load_suites(settings)[name] for name in names]
    rows = published_rows(settings)
    with _session(settings, database or settings.warehouse) as (context, datasource):
        return [
            _validate(settings, context, datasource, suite, run_name, _band(rows.get(suite.relation), accept_drop))
            for suite in suites
        ]


def _band(rows: int | None, accept_drop: bool) -> dict[str, int]:
    """The rows a relation may have; anything for one that was never published."""
    if rows is None:
        return {"rows_floor": 0, "rows_ceiling": _ANY}
    return {"rows_floor": 0 if accept_drop else rows // 10, "rows_ceiling": max(rows * 10, _SMALL)}


def build_data_docs(settings: Settings) -> Path:
    """Render the newest result of every suite to a local page; return its path."""
    site = settings.home / "docs" / "data_docs"
    shutil.rmtree(site, ignore_errors=True)
    context = _context(settings)
    for suite in load_suites(settings).values():
        _add_suite(context, suite)
    context.build_data_docs()
    return site / "index.html"


@contextmanager
def _session(settings: Settings, database: Path) -> Iterator[tuple[AbstractDataContext, SQLDatasource]]:
    context = _context(settings)
    datasource = context.data_sources.add_sql(
        _DATASOURCE,
        connection_string=f"duckdb:///{database}",
        # Great Expectations rolls back before it reads a result; DuckDB would then have lost it.
        kwargs={
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "connect_args": {"read_only": True},
        },
    )
    try:
        yield context, datasource
    finally:
        # Both engines pool their connection; left open it would keep the writer of this process out.
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def _context(settings: Settings) -> AbstractDataContext:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    defaults = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    defaults.stores["validation_results_store"] = {
        "class_name": "ValidationResultsStore",
        "store_backend": _folder(settings.home / "docs" / "validations"),
    }
    defaults.data_docs_sites = {
        "local": {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": _folder(settings.home / "docs" / "data_docs"),
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
    }
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(store_backend_defaults=defaults, analytics_enabled=False),
    )
    context.variables.progress_bars = {"globally": False}
    return context


def _folder(path: Path) -> dict[str, str]:
    path.mkdir(parents=True, exist_ok=True)
    return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(path)}


def _add_suite(context: AbstractDataContext, suite: Suite) -> Any:
    import great_expectations as gx

    return context.suites.add(
        gx.ExpectationSuite(
            name=suite.name,
            expectations=list(suite.expectations),
            notes=suite.description,
            meta={"relation": suite.relation},
        )
    )


def _validate(
    settings: Settings,
    context: AbstractDataContext,
    datasource: SQLDatasource,
    suite: Suite,
    run_name: str,
    parameters: dict[str, int],
) -> SuiteResult:
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier

    # Data Docs show the newest result; the history of a check is in Dagster.
    shutil.rmtree(settings.home / "docs" / "validations" / suite.name, ignore_errors=True)
    schema, table = suite.relation.split(".")
    asset = datasource.add_table_asset(suite.name, table_name=table, schema_name=schema)
    definition = gx.ValidationDefinition(
        name=suite.name, data=asset.add_batch_definition_whole_table("all"), suite=_add_suite(context, suite)
    )
    outcome = context.validation_definitions.add(definition).run(
        expectation_parameters=parameters,
        result_format=_RESULT_FORMAT,
        run_id=RunIdentifier(run_name=run_name, run_time=datetime.now(UTC)),
    )
    return SuiteResult(
        suite=suite.name,
        relation=suite.relation,
        evaluated=len(outcome.results),
        failed=tuple(_failed(result) for result in outcome.results if not result.success),
    )


def _failed(result: Any) -> FailedExpectation:
    config = result.expectation_config
    if result.exception_info and _raised(result.exception_info):
        # The exception's own text may quote a value of the table.
        return FailedExpectation(f"{_describe(config)} (could not be evaluated)", "critical", None)
    rows = result.result.get("unexpected_count")
    if rows is None and config.type == "unexpected_rows_expectation":
        rows = result.result.get("observed_value")
    return FailedExpectation(_describe(config), getattr(config.severity, "value", "critical"), rows)


def _raised(exception_info: dict[str, Any]) -> bool:
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(isinstance(item, dict) and item.get("raised_exception") for item in exception_info.values())


def _describe(config: Any) -> str:
    if config.description:
        return str(config.description)
    column = config.kwargs.get("column") or ", ".join(config.kwargs.get("column_list", []))
    return f"{config.type.removeprefix('expect_').replace('_', ' ')}{f' ({column})' if column else ''}"
