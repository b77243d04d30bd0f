"""Acceptance case 15: what is told step by step equals what is told at once, row for row and column for column."""

from __future__ import annotations

import os
import random
import uuid
from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties.consent_histories import batches
from tests.properties.consent_home import INPUTS, MODELS, ConsentHome
from tests.properties.consent_oracle import History
from tests.properties.consent_sql import AS_OF, ConsentModels
from tests.properties.consent_world import WORLD, seed_texts
from tests.properties.test_consent_decision import proving

HISTORIES = 30  # what Hypothesis can draw at once
EXAMPLES = int(os.environ.get("INCREMENTAL_EXAMPLES", "1"))  # each about twenty seconds of CPU
TOLD = tuple(
    f"intermediate.int_consent__{name}"
    for name in ("intervals", "permissions", "denials", "exit_permissions", "person_permissions", "door_permissions")
)


@pytest.fixture(scope="module")
def told_at_once(compiled_consent) -> ConsentModels:
    return ConsentModels(*compiled_consent, seeds=seed_texts())


class Batch(list[History]):
    """Histories that a failure does not print: they fill pages, and the rows that differ say more."""

    def __repr__(self) -> str:
        return f"<{len(self)} histories>"


class Deliveries:
    """The inputs of some histories on their way into a home, in any order and with repairs."""

    def __init__(self, home: ConsentHome, everything: ConsentModels, seed: int) -> None:
        self.home = home
        self.chance = random.Random(seed)
        self.waiting = {table: self._rows(everything, table) for table in INPUTS}
        self.events = self._rows(everything, "ledger.consent_events")
        self.chance.shuffle(self.events)
        self.appended = 0
        with home.connect() as connection:
            for table in ("ledger.consent_events", *INPUTS):
                connection.execute(f"delete from {table}")

    def _rows(self, models: ConsentModels, table: str) -> list[dict]:
        return models.connection.execute(f"select * from {table}").to_arrow_table().to_pylist()

    def deliver(self, share: float) -> None:
        """Append some events and bring some of everything else."""
        with self.home.connect() as connection:
            for table in INPUTS:
                self._insert(connection, table, self._take(self.waiting[table], share))
            said = self._take(self.events, share)
            for event in said:
                self.appended += 1
                event |= {"seq": self.appended, "row_hash": f"{event['event_id']}/{self.appended}"}
            self._insert(connection, "ledger.consent_events", said)

    def take_back(self, share: float) -> None:
        """Remove some of what is no evidence, as a file does that replaces another; it will be delivered again."""
        with self.home.connect() as connection:
            for table in INPUTS:
                rows = connection.execute(f"select rowid, * from {table}").to_arrow_table().to_pylist()
                gone = self.chance.sample(rows, round(len(rows) * share))
                numbers = [row.pop("rowid") for row in gone]
                connection.execute(f"delete from {table} where list_contains($1, rowid)", [numbers])
                self.waiting[table] += gone

    def _take(self, rows: list[dict], share: float) -> list[dict]:
        number = round(len(rows) * share)
        taken, rows[:] = rows[:number], rows[number:]
        return taken

    def _insert(self, connection, table: str, rows: list[dict]) -> None:
        if rows:
            schema = self.home.reference.connection.execute(f"select * from {table} limit 0").to_arrow_table().schema
            connection.register("delivered", pa.Table.from_pylist(rows, schema=schema))
            connection.execute(f"insert into {table} by name select * from delivered")
            connection.unregister("delivered")


def unequal(home: ConsentHome, at_once: ConsentModels) -> list[str]:
    """What the home says and a build at once does not, or the other way round."""
    found = []
    with home.connect() as connection:
        for table in TOLD:
            stored = connection.execute(f"select * from {table}").to_arrow_table()
            at_once.connection.register("stored", stored)
            names = ", ".join(stored.column_names)
            for left, right, how in (("stored", table, "too much"), (table, "stored", "missing")):
                rows = at_once.query(f"select {names} from {left} except all select {names} from {right}")
                found += [f"{table}, {how}: {row}" for row in rows[:3]]
            at_once.connection.unregister("stored")
    return found


@proving(EXAMPLES)
@given(batch=batches(HISTORIES).map(Batch), seed=st.integers(0, 2**32))
def test_case_15_incremental_equals_a_full_rebuild_row_for_row(
    models: ConsentModels,
    told_at_once: ConsentModels,
    tmp_path_factory,
    batch: Batch,
    seed: int,
) -> None:
    assume(len({history.events[0].occurred_at for history in batch}) > 5)  # the simplest example shows nothing
    models.load(WORLD, batch)
    _link(models, batch)
    home = ConsentHome(tmp_path_factory.mktemp("case_15"), models)
    deliveries = Deliveries(home, models, seed)
    told_at_once.load(WORLD, [])
    _link(told_at_once, batch)
    for step, moment in enumerate(_moments(deliveries.chance)):
        _deliver_and_build(deliveries, step, moment)
    deliveries.deliver(1.0)
    home.build(as_of=str(AS_OF))
    _copy_inputs(home, told_at_once)
    told_at_once.build()
    assert unequal(home, told_at_once) == []
    # nothing new: nothing is told, and nothing changes
    home.build(as_of=str(AS_OF))
    with home.connect() as connection:
        assert connection.execute("select count(*) from intermediate.int_consent__changes").fetchone() == (0,)
    assert unequal(home, told_at_once) == []


def _moments(chance: random.Random) -> list[datetime]:
    """The as_of of each build: nights, one of which runs back-dated."""
    nights = [AS_OF - timedelta(days=days) for days in (90, 60, 30, 10)]
    chance.shuffle(nights)
    return nights


def _deliver_and_build(deliveries: Deliveries, step: int, moment: datetime) -> None:
    home = deliveries.home
    deliveries.deliver(deliveries.chance.uniform(0.1, 0.4))
    if step == 1:
        # broken off once the intervals were told; then what had changed changes back
        home.build(select=_UNTOLD, as_of=str(moment))
        deliveries.take_back(0.5)
    elif step == 2:
        # an auditor asked in between, and was broken off too
        home.build(select=_UNTOLD, as_of=str(moment), known_at=str(AS_OF - timedelta(days=40)))
    elif step == 3:
        home.execute("update reference.purposes set valid_days = 5, lapse_after_unused_days = 7")
    home.build(as_of=str(moment))
    if step == 3:
        home.execute(
            "update reference.purposes set valid_days = was.valid_days,"
            " lapse_after_unused_days = was.lapse_after_unused_days"
            " from purposes_as_they_were as was where was.purpose = purposes.purpose"
        )
    if step == 0:
        deliveries.take_back(0.2)


_UNTOLD = tuple(f"{name},+int_consent__permissions" for name in MODELS)


def _link(models: ConsentModels, batch: Batch) -> None:
    """Two identifiers are one person."""
    for table, columns in (("person_links", "true"), ("person_identifiers", "'email', false, false")):
        models.connection.executemany(
            f"insert into intermediate.int_identity__{table} select $1, $2, {columns}",
            [[uuid.UUID(int=number // 2), history.identifier] for number, history in enumerate(batch)],
        )


def _copy_inputs(home: ConsentHome, models: ConsentModels) -> None:
    with home.connect() as connection:
        for table in ("ledger.consent_events", *INPUTS):
            rows = connection.execute(f"select * from {table}").to_arrow_table()
            models.connection.execute(f"delete from {table}")
            models.connection.register("copied", rows)
            models.connection.execute(f"insert into {table} by name select * from copied")
            models.connection.unregister("copied")
