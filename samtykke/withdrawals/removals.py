"""Take back rows that were sent: removals alone, as builds of the export ledger like any other.

The night finds them there and has nothing left to do for them; what it would add it adds itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from samtykke.activation import batches, files, gate, sent
from samtykke.activation.batches import Batching, Build
from samtykke.activation.compose import Composer
from samtykke.activation.delta import Delta
from samtykke.activation.export import Run
from samtykke.activation.groups import assign_groups
from samtykke.activation.rendering import removal_lines, render
from samtykke.activation.results import BuildResult, Scope
from samtykke.activation.sending import DeliveryError, Sender
from samtykke.activation.tables import cell_name, registered
from samtykke.activation.targets import Target, target
from samtykke.settings import Settings
from samtykke.withdrawals.world import Ended

# Tables that the planner of the night fills for additions: here there are none.
_NO_ADDITIONS = """
    create or replace temporary table export_adds (digest varchar, reason varchar, batch_group varchar);
    create or replace temporary table export_desired_members (
        digest varchar, person_id uuid, identifier_key varchar, identifier_kind varchar, authorising_event_id varchar
    );
"""
_OPEN = ("planned", "leaving", "sent")


class Removals(Run):
    """Takes rows back from every recipient that has them, over one connection."""

    def __init__(
        self, settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: datetime, send: bool, found: Ended
    ):
        super().__init__(settings, connection, as_of, Scope(send=send))
        for name in ("rows", "standings", "permitted"):
            with registered(connection, "found", getattr(found, name)):
                connection.execute(f"create or replace temporary table ended_{name} as from found")
        self.problems: list[str] = []

    def take_back(self) -> list[BuildResult]:
        """Take back all rows, from files first; what cannot be done now is a problem and stays an open obligation.

        Returns:
            One result per audience that holds something.
        """
        return sorted(self._results(), key=lambda result: (result.recipient, result.segment))

    def _results(self) -> Iterator[BuildResult]:
        stored = self._connection.execute("select distinct recipient, segment from ended_rows order by all").fetchall()
        waiting: list[tuple[gate.Recipient, str, Target]] = []
        for recipient, segment in stored:
            to = self._recipients.get(recipient)
            if to is None:
                self.problems.append(f"{recipient}/{segment}: the recipient is declared no more but holds people")
            elif reached := target(self._settings, recipient, to.spec):
                waiting.append((to, segment, reached))
            else:
                yield from self._one(to, segment, None)
        for to, segment, reached in waiting:
            yield from self._one(to, segment, reached)

    def _one(self, to: gate.Recipient, segment: str, reached: Target | None) -> Iterator[BuildResult]:
        try:
            result = self._from_interface(to, segment, reached) if reached else self._from_files(to, segment)
        except (ValueError, OSError, DeliveryError) as problem:
            self.problems.append(f"{to.name}/{segment}: {problem}")
            return
        if result.unresolved:
            self.problems.append(
                f"{to.name}/{segment}: {result.unresolved} rows are to come back of which nobody knows what left"
            )
        if result.tally and result.tally.problems:
            self.problems.append(f"{to.name}/{segment}: {'; '.join(result.tally.problems)}")
        yield result

    def _from_files(self, to: gate.Recipient, segment: str) -> BuildResult:
        batches.mark(self._connection, [], [])
        if earlier := self._open_builds(to.name, segment):
            self._give_up(self._composer_of(to), to, segment, earlier)
        result, delta = self._planned(to, segment)
        return self._write(result, delta, to, segment)

    def _from_interface(self, to: gate.Recipient, segment: str, reached: Target) -> BuildResult:
        interface = reached.interface
        earlier = self._open_builds(to.name, segment)
        if not self._scope.send:
            batches.mark(self._connection, [], [])
            result, delta = self._planned(to, segment)
            return replace(result, transport="api", build_id=None, batches=-(-delta.removes // interface.max_rows))
        api, call = self._client(reached)
        composer = self._composer_of(to)
        folder = self._folder(to.name, segment)
        sender = Sender(self._connection, api, call, composer, folder, _now, self._acknowledge)
        sender.settle(earlier)
        batches.mark(self._connection, [], list(self._made(earlier)))
        result, delta = self._planned(to, segment)
        if delta.removes:
            assign_groups(self._connection, reached, to.name, allowed="ended_permitted")
            build = self._build(to, segment, 0, delta.removes)
            content = render(self._connection, to.spec, build, (sent.REMOVE,))
            batching = Batching(interface.max_rows, self._settings.pepper_bytes)
            sent.request(self._connection, build, _now(), operations=(sent.REMOVE,), batching=batching)
            directory = files.write_build(folder, build.build_id, content)
            result = replace(result, build_id=build.build_id, path=directory)
            sender.send(build)
        return replace(result, transport="api", batches=-(-delta.removes // interface.max_rows), tally=sender.tally)

    def _made(self, builds: Sequence[Build]) -> Iterator[batches.Batch]:
        """Yield the removals of builds that were open: they have arrived by now, or are on their way."""
        for build in builds:
            for batch in batches.batches_of(self._connection, build.build_id):
                if batch.operation == sent.REMOVE and batch.state in (*_OPEN, "acknowledged"):
                    yield batch

    def _open_builds(self, recipient: str, segment: str) -> list[Build]:
        return [
            build
            for build in sent.open_builds(self._connection, in_batches=True)
            if (build.recipient, build.segment) == (recipient, segment)
        ]

    def _planned(self, to: gate.Recipient, segment: str) -> tuple[BuildResult, Delta]:
        """Write the tables of a plan that only removes; return what it comes to."""
        execute = self._connection.execute
        audience = [to.name, segment]
        own = "where recipient = $1 and segment = $2"
        execute(
            f"""
            create or replace temporary table export_held_members as
            select digest, person_id, identifier_key, identifier_kind from ended_rows {own}
            """,
            audience,
        )
        execute(f"create or replace temporary table export_standings as select * from ended_standings {own}", audience)
        execute(
            f"""
            create or replace temporary table export_removes as
            select distinct digest, reason, '' as batch_group from ended_rows
            {own} and digest not in (select digest from export_being_removed)
            """,
            audience,
        )
        cells = ", ".join(f"{cell_name(kind)} varchar" for kind in to.spec.identifier_kinds)
        execute(_NO_ADDITIONS)
        execute(f"create or replace temporary table export_desired (digest varchar, {cells}, country varchar)")
        composer = self._composer_of(to)
        unresolved = removal_lines(self._connection, to.spec, composer, self._folder(*audience), (to.name, segment))
        reasons = Counter(dict(execute("select reason, count(*) from export_removes group by reason").fetchall()))
        delta = Delta(reasons.total(), 0, 0, reasons=reasons)
        build = self._build(to, segment, 0, delta.removes)
        result = BuildResult(
            to.name,
            segment,
            build_id=None if delta.is_empty else build.build_id,
            path=None,
            added=0,
            removed=delta.removes,
            unchanged=0,
            unresolved=unresolved,
            removal_reasons=reasons,
        )
        return result, delta

    def _composer_of(self, to: gate.Recipient) -> Composer:
        if self._composer is None or self._composer[0] != to.name:
            wanted = "select distinct identifier_key, identifier_kind from ended_rows where recipient = $1"
            pepper = self._settings.pepper_bytes
            self._composer = (to.name, Composer(self._connection, to.spec, to.name, pepper, wanted=wanted))
        return self._composer[1]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
