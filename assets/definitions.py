"""The code location: a table of contents. Left to right, from the drop folder to audience files and published marts."""

from __future__ import annotations

import dagster as dg

from assets.activation import build_activation
from assets.answers import build_answers
from assets.automation import build_automation
from assets.checks import build_quality_checks
from assets.consent import build_ledger
from assets.context import Home
from assets.deliveries import ledger_key
from assets.door import build_door
from assets.fast_lane import build_fast_lane
from assets.ingest import build_landing
from assets.jobs import build_jobs
from assets.likeness import build_likeness
from assets.lineage import build_lineage, segment_needs
from assets.progress import progress_logger
from assets.project import prepared_project, read_manifest
from assets.publication import build_publication
from assets.record import build_record
from assets.segments import build_segments
from assets.warehouse import build_warehouse
from samtykke.activation.accounts import declared_accounts
from samtykke.settings import Settings, load_settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return everything that Dagster knows, for one home."""
    project = prepared_project(settings)
    manifest = read_manifest(project)
    exports = [ledger_key(account.recipient) for account in declared_accounts(settings)]
    needs = segment_needs(settings, project)
    return dg.Definitions.merge(
        build_landing(manifest=manifest),
        build_ledger(manifest=manifest),
        build_door(manifest=manifest),
        build_likeness(manifest=manifest),
        build_lineage(project=project, manifest=manifest),
        build_warehouse(project=project, manifest=manifest, exports=exports, needs=needs),
        build_segments(manifest=manifest),
        build_activation(settings=settings, manifest=manifest, needs=needs),
        build_record(),
        build_publication(project=project, manifest=manifest, needs=needs),
        build_quality_checks(settings=settings),
        build_jobs(settings=settings, manifest=manifest),
        build_automation(settings=settings),
        build_fast_lane(settings=settings),
        build_answers(settings=settings),
        dg.Definitions(resources={"home": Home()}, loggers={"progress": progress_logger}),
    )


@dg.definitions
def defs() -> dg.Definitions:
    return build_definitions(load_settings())
