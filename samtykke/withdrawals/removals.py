"""Take back rows that were sent: removals alone, as builds of the export ledger like any other.

The night finds them there and has nothing left to do for them; what it would add it adds itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import duckdb

from samtykke.activation import batches, files, gate, sent
from samtykke.activation.batches import Batching, Build
from samtykke.activation.compose import Composer
from samtykke.activation.connections import now
from samtykke.activation.delta import Delta
from samtykke.activation.export import Run
from samtykke.activation.groups import assign_groups
from samtykke.activation.rendering import removal_lines, render
from samtykke.activation.results import BuildResult, Scope
from samtykke.activation.sending import Sender
from samtykke.activation.tables import cell_name, registered
from samtykke.activation.targets import Target, read_deliveries
from samtykke.settings import Settings
from samtykke.withdrawals.world import Ended

# Tables that the planner of the night fills for additions: here there are none.
_NO_ADDITIONS = """
    create or replace temporary table export_adds (digest varchar, reason varchar, batch_group varchar);
    create or replace temporary table export_desired_members (
        digest varchar, person_id uuid, identifier_key varchar, identifier_kind varchar, authorising_event_id varchar
    );
"""
# Where a row is matched to an account, taking out one row of a person takes out the person: the other rows go too, and
# the night adds those that may stay. Here nothing is added, so that the ledger would believe them to be there.
WHOLE_ACCOUNTS = """
    update export_removes set reason = 'account_removed'
    where reason is null and digest in (
        select digest from export_held_members
        where person_id in (
            select members.person_id
            from export_held_members as members
            inner join export_removes as removes on members.digest = removes.digest and removes.reason is not null
        )
    )
"""
# A removal in one of these states has arrived, or is on its way.
_MADE = ("planned", "leaving", "sent", "acknowledged")


class Removals(Run):
    """Takes back from every recipient what it must not keep, over one connection."""

    def __init__(
        self,
        settings: Settings,
        connection: duckdb.DuckDBPyConnection,
        as_of: datetime,
        found: Ended,
        *,
        send: bool | None,
    ):
        super().__init__(settings, connection, as_of, Scope(send=send, withdrawals_only=True))
        for name in ("rows", "standings", "permitted"):
            with registered(connection, "found", getattr(found, name)):
                connection.execute(f"create or replace temporary table ended_{name} as from found")

    def take_back(self) -> list[BuildResult]:
        """Take back all rows, from those first who get files: no platform that is slow may delay them.

        Returns:
            One result per audience that holds something; what could not be done is its problem.
        """
        reached = read_deliveries(self._settings)
        audiences = self._connection.execute(
            "select distinct recipient, segment from ended_rows where reason is not null"
        ).fetchall()
        audiences.sort(key=lambda audience: (audience[0] in reached, audience))
        results = [self.result_of(recipient, segment) for recipient, segment in audiences]
        return sorted(results, key=lambda result: (result.recipient, result.segment))

    def _send(
        self, to: gate.Recipient, segment: str, reached: Target, composer: Composer, earlier: Sequence[Build]
    ) -> BuildResult:
        """Complete the removals that were open, then send the others. Additions that were open stay open."""
        api, call = self._connections.to(reached)
        folder = self._folder(to.name, segment)
        sender = Sender(self._connection, api, call, composer, folder, now, self._connections.acknowledge)
        sender.settle(earlier)
        batches.mark(self._connection, [], list(self._made(earlier)))
        result, delta = self._plan(to, segment, reached)
        if delta.removes:
            assign_groups(self._connection, reached, to.name, allowed="ended_permitted")
            build = self._build(to, segment, 0, delta.removes)
            content = render(self._connection, to.spec, build, (sent.REMOVE,))
            batching = Batching(reached.interface.max_rows, self._settings.pepper_bytes)
            sent.request(self._connection, build, now(), operations=(sent.REMOVE,), batching=batching)
            directory = files.write_build(folder, build.build_id, content)
            result = replace(result, build_id=build.build_id, path=directory)
            sender.send(build)
        return replace(result, tally=sender.tally)

    def _made(self, builds: Sequence[Build]) -> Iterator[batches.Batch]:
        for build in builds:
            for batch in batches.batches_of(self._connection, build.build_id):
                if batch.operation == sent.REMOVE and batch.state in _MADE:
                    yield batch

    def _plan(self, to: gate.Recipient, segment: str, reached: Target | None) -> tuple[BuildResult, Delta]:
        """Write the tables of a plan that only removes."""
        self._write_tables(to, segment)
        folder = self._folder(to.name, segment)
        unresolved = removal_lines(self._connection, to.spec, self._composer_of(to), folder, (to.name, segment))
        stored = self._connection.execute("select reason, count(*) from export_removes group by reason").fetchall()
        reasons = Counter(dict(stored))
        delta = Delta(reasons.total(), 0, 0, reasons=reasons)
        result = BuildResult(
            to.name,
            segment,
            build_id=None,
            path=None,
            added=0,
            removed=delta.removes,
            unchanged=0,
            unresolved=unresolved,
            removal_reasons=reasons,
            missing=tuple(reached.missing()) if reached else (),
        )
        if reached is None:
            build_id = None if delta.is_empty else self._build(to, segment, 0, delta.removes).build_id
            return replace(result, build_id=build_id), delta
        requests = -(-delta.removes // reached.interface.max_rows)
        return replace(result, transport=reached.delivery.transport, batches=requests), delta

    def _write_tables(self, to: gate.Recipient, segment: str) -> None:
        execute = self._connection.execute
        cells = ", ".join(f"{cell_name(kind)} varchar" for kind in to.spec.identifier_kinds)
        execute(_NO_ADDITIONS)
        execute(f"create or replace temporary table export_desired (digest varchar, {cells}, country varchar)")
        for table, query in {
            "export_held_members": "select digest, person_id, identifier_key, identifier_kind from ended_rows",
            "export_standings": "select * from ended_standings",
            "export_removes": "select distinct digest, reason, '' as batch_group from ended_rows",
        }.items():
            execute(
                f"create or replace temporary table {table} as {query} where recipient = $1 and segment = $2",
                [to.name, segment],
            )
        if to.spec.matches_people:
            execute(WHOLE_ACCOUNTS)
        execute("delete from export_removes where reason is null")
        execute("delete from export_removes where digest in (select digest from export_being_removed)")

    def _composer_of(self, to: gate.Recipient) -> Composer:
        if self._composer is None or self._composer[0] != to.name:
            wanted = "select distinct identifier_key, identifier_kind from ended_rows where recipient = $1"
            pepper = self._settings.pepper_bytes
            self._composer = (to.name, Composer(self._connection, to.spec, to.name, pepper, wanted=wanted))
        return self._composer[1]
