"""The project's own consent models as SQL, for a moment that is filled in later: the rules are written once.

dbt compiles them when a file of the project has changed, on an empty home, so that no stored state is in them.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from samtykke.moments import sql_text
from samtykke.project import dbt_environment, dbt_executable, fingerprint
from samtykke.settings import ConfigurationError, Settings
from samtykke.storage.connect import prepare_home
from samtykke.storage.lock import file_lock

# What is asked of them: who among those sent may stay, what is owed for the others, and what of a person may be shown.
ASKED = ("sent_standings", "obligations_due", "int_profile__consent")
# What the last build found out and the small world takes as it is: people and their links, profiles, segments.
GIVEN = ("int_identity__person_identifiers", "int_identity__person_links", "customer_profile", "segment_members")
# A moment that nothing in the project speaks of stands for ``as_of``.
_NOW = "1887-06-05 04:03:02"
_SOURCES = ("models", "seeds", "macros")


@dataclass(frozen=True)
class Model:
    """One dbt model: its SQL names every relation in full."""

    name: str
    schema: str
    is_view: bool
    sql: str

    def at(self, moment: datetime) -> str:
        """Return the SQL for a moment taken as now."""
        return self.sql.replace(_NOW, sql_text(moment))


def consent_models(settings: Settings) -> list[Model]:
    """Return the models between the ledger and the exit gate, in the order in which they build.

    Raises:
        ConfigurationError: dbt cannot compile the project; the message carries what dbt says.
    """
    folder = settings.home / "dbt"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / "withdrawals.json"
    with file_lock(folder / "withdrawals.lock"):
        digest = "|".join([fingerprint(settings.project, _SOURCES, settings.controller), *ASKED, *GIVEN])
        known = json.loads(kept.read_text()) if kept.exists() else {}
        if known.get("fingerprint") != digest:
            known = {"fingerprint": digest, "models": [asdict(model) for model in _compile(settings)]}
            partial = kept.with_suffix(".part")
            partial.write_text(json.dumps(known))
            os.replace(partial, kept)
    return [Model(**model) for model in known["models"]]


def _compile(settings: Settings) -> list[Model]:
    with tempfile.TemporaryDirectory(dir=settings.home / "dbt", prefix=".compile-") as folder:
        empty = settings.model_copy(update={"home": Path(folder) / "home", "landing": None})
        prepare_home(empty)
        command = [dbt_executable(), "--no-use-colors", "compile", "--quiet"]
        command += ["--select", *(f"+{name}" for name in ASKED), "--vars", json.dumps({"as_of": _NOW})]
        command += ["--target-path", folder, "--log-path", folder]
        command += ["--project-dir", str(settings.project), "--profiles-dir", str(settings.project)]
        done = subprocess.run(
            command, cwd=settings.project, env=dbt_environment(empty), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ConfigurationError(f"dbt cannot compile the consent models:\n{done.stdout.strip()[-2000:]}")
        manifest = json.loads((Path(folder) / "manifest.json").read_bytes())
    return list(_in_order(manifest))


def _in_order(manifest: Mapping[str, Any]) -> Iterator[Model]:
    """Yield what is asked and everything it needs, up to what is given."""
    nodes = manifest["nodes"]
    seen: set[str] = set()

    def visit(key: str) -> Iterator[Model]:
        node = nodes.get(key)
        if node is None or node["resource_type"] != "model" or node["name"] in GIVEN or key in seen:
            return
        seen.add(key)
        for parent in node["depends_on"]["nodes"]:
            yield from visit(parent)
        yield Model(node["name"], node["schema"], node["config"]["materialized"] == "view", node["compiled_code"])

    for name in ASKED:
        yield from visit(f"model.samtykke.{name}")
