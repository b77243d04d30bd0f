"""Run the compiled SQL of the consent models on generated tables, without dbt in the loop.

`dbt compile` runs once per session; every batch of histories is then one pass over the models in memory.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from samtykke.settings import load_settings
from tests.dbt_process import run_dbt
from tests.properties.consent_oracle import History, World

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime(2026, 4, 1)
INPUTS = ("stg_crm__contacts", "stg_landing__identifiers")
SEEDS = (
    "purposes", "channels", "recipients", "consent_sources", "consent_actions", "allowed_bases",
    "digital_consent_ages", "suppression_lists", "email_signals", "bot_user_agents",
)  # fmt: skip


@dataclass(frozen=True)
class CompiledModel:
    name: str
    schema: str
    sql: str

    @property
    def creation(self) -> str:
        """The statement that makes the model: a table, or in `audit` a function of two moments."""
        what = "macro {}(moment, known) as table" if self.schema == "audit" else "table {} as"
        return f"create or replace {what.format(f'{self.schema}.{self.name}')} {self.sql}"


def compile_models(folder: Path) -> tuple[list[CompiledModel], dict[str, dict[str, str]]]:
    """Compile the consent models with dbt.

    Returns:
        The models in the order in which they build, and the column types of each seed.
    """
    command = [
        "compile", "--select", "path:models/staging/consent", "path:models/intermediate/consent", "intervals_at",
        "permission_at", *INPUTS,
    ]  # fmt: skip
    settings = load_settings(home=folder / "home")
    settings.home.mkdir(exist_ok=True)
    run_dbt(command, settings=settings, target=folder / "target", variables={"as_of": str(AS_OF)})
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    wanted = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node.get("compiled_code")
    }
    ordered: list[str] = []

    def visit(key: str) -> None:
        if key in wanted and key not in ordered:
            for parent in wanted[key]["depends_on"]["nodes"]:
                visit(parent)
            ordered.append(key)

    for key in sorted(wanted):
        visit(key)
    models = [CompiledModel(wanted[k]["name"], wanted[k]["schema"], wanted[k]["compiled_code"]) for k in ordered]
    types = {
        node["name"]: node["config"]["column_types"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "seed" and node["name"] in SEEDS
    }
    return models, types


class ConsentModels:
    """An in-memory warehouse with the consent models on it.

    Args:
        models: From `compile_models`.
        seed_types: From `compile_models`.
        seeds: Seed name to CSV text, or None for the project's own file.
    """

    def __init__(
        self,
        models: Sequence[CompiledModel],
        seed_types: dict[str, dict[str, str]],
        seeds: dict[str, str] | None = None,
    ) -> None:
        self.models = list(models)
        self.connection = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
        self.connection.execute("set TimeZone = 'UTC'; attach ':memory:' as warehouse; attach ':memory:' as ledger")
        for database in ("ledger", "warehouse"):
            self.connection.execute(f"use {database}")
            for script in sorted((ROOT / "samtykke/storage/migrations" / database).glob("*.sql")):
                self.connection.execute(script.read_text())
        for schema in ("staging", "intermediate", "audit", "reference"):
            self.connection.execute(f"create schema {schema}")
        self.connection.execute(
            "create table intermediate.int_identity__person_identifiers"
            " (person_id uuid, identifier_key varchar, identifier_kind varchar, is_blocked boolean, is_shared boolean);"
            "create table intermediate.int_identity__person_links"
            " (person_id uuid, identifier_key varchar, may_grant boolean)"
        )
        for name in SEEDS:
            text = (seeds or {}).get(name) or (ROOT / "seeds" / f"{name}.csv").read_text()
            self._create_seed(name, text, seed_types.get(name, {}))

    def _create_seed(self, name: str, text: str, types: dict[str, str]) -> None:
        rows = list(csv.DictReader(io.StringIO(text)))
        table = pa.table({column: [row[column] or None for row in rows] for column in rows[0]})
        casts = ", ".join(f"cast({column} as {types.get(column, 'varchar')}) as {column}" for column in rows[0])
        self.connection.register("seed_rows", table)
        self.connection.execute(f"create table reference.{name} as select {casts} from seed_rows")
        self.connection.unregister("seed_rows")

    def load(self, world: World, histories: Iterable[History]) -> None:
        """Replace the inputs by a batch of histories."""
        for table in (
            "ledger.consent_events", "ledger.tombstones", "raw.notices", "raw.suppressions", "raw.contacts",
            "raw.email_events", "intermediate.int_identity__person_identifiers",
            "intermediate.int_identity__person_links",
        ):  # fmt: skip
            self.connection.execute(f"delete from {table}")
        events, tombstones, contacts, mails, listings = [], [], [], [], []
        for history in histories:
            key = history.identifier
            for e in history.events:
                notice = dict(
                    zip(("notice_id", "notice_version", "notice_locale"), e.notice or (None,) * 3, strict=True)
                )
                events.append({
                    "seq": len(events) + 1, "event_id": e.event_id, "source": e.source, "identifier_kind": "email",
                    "identifier_key": key, "purpose": e.purpose, "channel": e.channel, "recipient": e.recipient,
                    "controller": e.controller, "action": e.action, "basis": e.basis, "consent_type": e.consent_type,
                    "is_default": e.is_default, "actor": e.actor, **notice, "occurred_at": e.occurred_at,
                    "occurred_precision": e.precision, "recorded_at": e.recorded_at, "loaded_at": e.loaded_at,
                    "valid_until": e.valid_until, "row_hash": "", "prev_hash": "",
                })  # fmt: skip
            tombstones += [
                {"identifier_key": key, "request_id": "r", "erased_at": at, "reason": "r"} for at in history.erased_at
            ]
            contacts += [
                {"record_key": f"{key}/{n}", "source": "crm", "email_key": key, "birth_date": born, "country": country,
                 "has_name": False, "has_address": False, "file_id": "f", "line_number": 1, "loaded_at": loaded}
                for n, (born, country, loaded) in enumerate(history.births)
            ]  # fmt: skip
            mails += [
                {"event_id": f"{key}/{kind}/{n}", "email_key": key, "event_type": kind, "occurred_at": at,
                 "file_id": "f", "line_number": 1, "loaded_at": loaded}
                for kind, moments in (("click", history.uses), ("bounce_hard", history.bounces))
                for n, (at, loaded) in enumerate(moments)
            ]  # fmt: skip
            # machines open and click whatever anybody does: the oracle knows nothing of them, for they say nothing
            noticed = [*history.bounces, *((event.occurred_at, event.loaded_at) for event in history.events)]
            mails += [
                {"event_id": f"{key}/machine/{n}", "email_key": key, "event_type": ("open", "click")[n % 2],
                 "user_agent": ("Mozilla/5.0", "Barracuda Sentinel")[n % 2], "occurred_at": at + timedelta(days=1),
                 "file_id": "f", "line_number": 1, "loaded_at": loaded}
                for n, (at, loaded) in enumerate(noticed)
            ]  # fmt: skip
            listings += [
                {"list_id": entry.list_id, "identifier_kind": "email", "identifier_key": key, "channel": entry.channel,
                 "valid_from": entry.valid_from, "valid_to": entry.valid_to, "snapshot_at": entry.snapshot_at,
                 "file_id": "f", "line_number": 1, "loaded_at": world.copies[entry.list_id][entry.snapshot_at]}
                for entry in history.listings
            ]  # fmt: skip
        # every copy of a list has somebody on it, in each of its scopes
        scopes = {(scope.list_id, scope.channel, scope.country) for scope in world.list_scopes}
        listings += [
            {"list_id": list_id, "identifier_kind": "email", "identifier_key": "nobody", "channel": channel,
             "country": country, "snapshot_at": snapshot, "file_id": "f", "line_number": 1, "loaded_at": loaded}
            for list_id, copies in world.copies.items() for snapshot, loaded in copies.items()
            for _, channel, country in sorted(
                (scope for scope in scopes if scope[0] == list_id), key=str
            ) or [(list_id, "sms", None)]
        ]  # fmt: skip
        notices = [
            {"notice_id": notice_id, "version": version, "locale": locale, "text": "t", "text_sha256": "t",
             "purposes": sorted(n.purposes), "recipients": sorted(n.recipients), "effective_from": n.effective_from,
             "material_change": n.is_material_change, "grace_days": n.grace_days, "loaded_at": n.loaded_at,
             "file_id": "f", "line_number": 1}
            for (notice_id, version, locale), n in world.notices.items()
        ]  # fmt: skip
        self.insert("ledger.consent_events", events)
        self.insert("ledger.tombstones", tombstones)
        self.insert("raw.contacts", contacts)
        self.insert("raw.email_events", mails)
        self.insert("raw.suppressions", listings)
        self.insert("raw.notices", notices)

    def insert(self, table: str, rows: list[dict]) -> None:
        """Insert rows by name; a column that no row has stays null."""
        if rows:
            names = sorted({name for row in rows for name in row})
            columns = {name: [row.get(name) for row in rows] for name in names}
            self.connection.register("new_rows", pa.table(columns))
            self.connection.execute(f"insert into {table} by name select * from new_rows")
            self.connection.unregister("new_rows")

    def build(self) -> None:
        """Build every model."""
        for model in self.models:
            self.connection.execute(model.creation)

    def permission_at(self, moment: datetime, known: datetime) -> str:
        """The table function of any two moments."""
        return f"audit.permission_at(timestamp '{moment}', timestamp '{known}')"

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple]:
        return self.connection.execute(sql, list(parameters)).fetchall()
