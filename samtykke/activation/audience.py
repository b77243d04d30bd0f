"""Deliver one audience as planned: files in a folder of their own, or batches to an interface.

The order of every build: ``requested`` in the ledger with all its rows, the files in a folder of their own, a
rename into place, ``acknowledged``. What a crash leaves open is settled by the next export: acknowledged where
the directory stands whole, completed where the same is still to be done, aborted otherwise. For a recipient with an
interface the files are what is sent, and the platform acknowledges: see ``sending``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from samtykke.activation import files, gate, sent
from samtykke.activation.batches import Batching, Build, last_addition, mark
from samtykke.activation.compose import Composer
from samtykke.activation.connections import now
from samtykke.activation.delta import Delta
from samtykke.activation.groups import assign_groups
from samtykke.activation.names import sensitive_category
from samtykke.activation.planning import Planning
from samtykke.activation.rendering import render
from samtykke.activation.results import BuildResult
from samtykke.activation.sending import Sender
from samtykke.activation.targets import Target, read_deliveries, target
from samtykke.settings import ConfigurationError


class AudienceExport(Planning):
    """Delivers one audience after the other over one connection."""

    # While everybody who leaves any list is taken out, nobody is added to another.
    _only_removals = False

    def export(self, recipient: str, segment: str) -> BuildResult:
        """Plan one audience, and deliver it as far as the scope says."""
        to = gate.recipient(self._connection, recipient)
        reached = target(self._settings, recipient, to.spec)
        if reached is None:
            self._refuse_a_name_misspelt(recipient)
        sends = self._scope.send if self._scope.send is not None else self._settings.environment == "production"
        if self._scope.dry_run or (reached and not sends):
            mark(self._connection, [], [])
            return replace(self._plan(to, segment, reached)[0], is_planned_only=True)
        composer = self._composer_of(to)
        earlier = [
            build
            for build in sent.open_builds(self._connection, in_batches=True)
            if (build.recipient, build.segment) == (recipient, segment)
        ]
        if reached is None:
            if earlier:
                self._give_up(composer, to, segment, earlier)
            mark(self._connection, [], [])
            return self._write(*self._plan(to, segment, None), to, segment)
        return self._send(to, segment, reached, composer, earlier)

    def _write(self, result: BuildResult, delta: Delta, to: gate.Recipient, segment: str) -> BuildResult:
        """Settle what a crash left open, then make the build of files; nothing to do writes nothing."""
        build = self._build(to, segment, delta.adds, delta.removes)
        content = render(self._connection, to.spec, build, sent.BOTH)
        is_requested = False
        for earlier in sent.open_builds(self._connection, in_batches=False):
            if (earlier.recipient, earlier.segment) != (build.recipient, build.segment):
                continue
            if earlier.build_id == build.build_id and not delta.is_empty and sent.is_requested(self._connection, build):
                is_requested = True
            else:
                sent.abort(self._connection, earlier, now())
        if delta.is_empty:
            return result
        if not is_requested:
            sent.request(self._connection, build, now())
        directory = files.write_build(self._folder(to.name, segment), build.build_id, content)
        self._connections.acknowledge(build, directory)
        return replace(result, path=directory)

    def _send(
        self, to: gate.Recipient, segment: str, reached: Target, composer: Composer, earlier: Sequence[Build]
    ) -> BuildResult:
        """Settle what was open, then send the removals and the additions as builds of their own."""
        api, call = self._connections.to(reached)
        sender = Sender(
            self._connection, api, call, composer, self._folder(to.name, segment), now, self._connections.acknowledge
        )
        sender.settle(earlier)
        composer.compose(segment)
        sender.mark_on_their_way(earlier)
        result, delta = self._plan(to, segment, reached)
        assign_groups(self._connection, reached, to.name)
        # a full exchange would drop what a guard keeps there
        is_partial = delta.held_back or self._scope.withdrawals_only
        is_replace = reached.delivery.mode == "replace" and not is_partial
        batching = Batching(reached.interface.max_rows, self._settings.pepper_bytes, is_replace)
        for operations in (sent.BOTH,) if is_replace else ((sent.REMOVE,), (sent.ADD,)):
            if operations == (sent.ADD,):
                if self._scope.withdrawals_only or self._only_removals:
                    break
                sender.complete(earlier)
            counts = {sent.REMOVE: delta.removes, sent.ADD: delta.adds}
            adds, removes = (counts[one] if one in operations else 0 for one in (sent.ADD, sent.REMOVE))
            if not adds and not removes:
                continue
            if operations == (sent.ADD,) and self._is_too_soon(reached, segment):
                sender.tally.postponed = adds
                continue
            if operations == (sent.ADD,) and (category := self._says_too_much(reached, segment)):
                sender.tally.problems.append(f"nobody is added: the name that the platform gets speaks of {category}")
                continue
            build = self._build(to, segment, adds, removes)
            content = render(self._connection, to.spec, build, operations)
            sent.request(self._connection, build, now(), operations=operations, batching=batching)
            directory = files.write_build(self._folder(to.name, segment), build.build_id, content)
            result = replace(result, build_id=build.build_id, path=directory)
            sender.send(build)
        return replace(result, tally=sender.tally)

    def _refuse_a_name_misspelt(self, recipient: str) -> None:
        """Write no files for whom an interface was used while a stranger is named: nobody would be taken back there."""
        named = read_deliveries(self._settings)
        strangers = sorted(set(named) - gate.recipients(self._connection))
        if recipient not in named and strangers and sent.was_reached(self._connection, recipient):
            raise ConfigurationError(
                f"{recipient} was reached by its interface; deliveries.yml names {strangers[0]}, who is no recipient"
            )

    def _is_too_soon(self, reached: Target, segment: str) -> bool:
        hours = reached.interface.hours_between_adds
        last = last_addition(self._connection, reached.recipient, segment) if hours else None
        return last is not None and now() < last + timedelta(hours=hours)

    def _says_too_much(self, reached: Target, segment: str) -> str | None:
        """Return the category that a name speaks of where the platform gets a name and no id."""
        if reached.interface.needs_list:
            return None
        return sensitive_category(reached.list_id(segment), self._settings.project, reached.spec.name_policy)

    def _give_up(self, composer: Composer, to: gate.Recipient, segment: str, earlier: Sequence[Build]) -> None:
        """End what was being sent to an interface that is used no more; what may have left stays held."""
        sender = Sender(
            self._connection, None, None, composer, self._folder(to.name, segment), now, self._connections.acknowledge
        )
        sender.give_up_all(earlier)
