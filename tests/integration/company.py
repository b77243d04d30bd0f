"""A small company: files in, the real loader, ledger and models, audience files out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from samtykke.activation.export import BuildResult, export_all
from samtykke.consent.ledger import append_consent_events
from samtykke.lineage.record import refresh_segment_purposes
from samtykke.segments.record import refresh_segment_properties
from samtykke.settings import Settings
from samtykke.sources.door import load_social
from samtykke.sources.load import load_landing
from samtykke.storage.connect import open_home, prepare_home
from tests.dbt_process import parsed, run_dbt

# Everything that the export reads, built without its checks: those are the models' own business.
BUILD = "build --exclude-resource-type test unit_test --select +export_gate +audience_step_counts resource_type:seed"
DOOR = "build --exclude-resource-type test unit_test --select +int_consent__door_permissions resource_type:seed"
EVERYTHING = (
    "run --select +export_gate +audience_step_counts +path:models/marts"
    " --exclude tag:after_export +int_consent__door_permissions"
)


class Company:
    """Runs the part of the night that ends in files, without checks; social data and the other marts only if asked."""

    def __init__(self, folder: Path, target: Path, *, whole: bool = False):
        self.whole = whole
        self.settings = Settings(home=folder, pepper="a pepper of the tests", settle_seconds=0)
        self._target = target
        self._has_seeds = False
        prepare_home(self.settings)

    def deliver(self, entity: str, name: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Put a file into the drop folder; columns that a row lacks are empty."""
        rows = list(rows)
        if not rows:
            return
        file = self.settings.drop_folder / entity / f"{name}.csv"
        file.parent.mkdir(exist_ok=True)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with open(file, "w", newline="") as out:
            writer = csv.DictWriter(out, columns)
            writer.writeheader()
            writer.writerows(rows)

    def night(
        self, as_of: datetime, *, at: datetime | None = None, full_refresh: bool = False
    ) -> dict[tuple[str, str], BuildResult]:
        """Load, build, export. ``at`` is what our clock says while loading; the time of the call by default."""
        load_landing(self.settings, now=at)
        with open_home(self.settings) as connection:
            append_consent_events(connection, self.settings.controller)
        if self.whole:
            self._dbt(DOOR, as_of)
            load_social(self.settings, as_of=as_of)
        refresh_segment_properties(self.settings)
        refresh_segment_purposes(self.settings, parsed() / "manifest.json")
        self._dbt((EVERYTHING if self.whole else BUILD) + (" --full-refresh" if full_refresh else ""), as_of)
        return {(result.recipient, result.segment): result for result in export_all(self.settings, as_of=as_of)}

    def build(self, model: str, as_of: datetime) -> None:
        """Build one more model, of those that tell of the exports."""
        self._dbt(f"build --exclude-resource-type unit_test --select {model}", as_of)

    def query(self, sql: str) -> list[tuple]:
        with open_home(self.settings, read_only=True, vault=True) as connection:
            return connection.execute(sql).fetchall()

    def held(self, recipient: str, segment: str) -> list[tuple[str, ...]]:
        """The identifying cells that a recipient holds who applied every file in order."""
        held: set[tuple[str, ...]] = set()
        folder = self.settings.exports / recipient / segment
        for build in sorted(folder.glob("*/"), key=lambda path: path.name.split("-")[1]):
            for name in json.loads((build / "manifest.json").read_text())["apply_in_order"]:
                with open(build / name, newline="") as source:
                    _, *lines = csv.reader(source)
                keys = {tuple(line[:2]) for line in lines}
                held = held - keys if name == "remove.csv" else held | keys
        return sorted(held)

    def tree(self) -> dict[str, bytes]:
        exports = self.settings.exports
        return {str(file.relative_to(exports)): file.read_bytes() for file in exports.rglob("*") if file.is_file()}

    def _dbt(self, command: str, as_of: datetime) -> None:
        if self._has_seeds and command.startswith("build"):
            command += " --exclude resource_type:seed"
        self._has_seeds = True
        variables = {"as_of": as_of.isoformat(" ")}
        run_dbt(command.split(), settings=self.settings, target=self._target, variables=variables)
