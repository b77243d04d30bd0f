"""Export every audience: what should be at a recipient against what the ledger says is there.

The order of every build: ``requested`` in the ledger with all its rows, the files in a folder of their own, a
rename into place, ``acknowledged``. What a crash leaves open is settled by the next export: acknowledged where
the directory stands whole, completed where the same is still to be done, aborted otherwise. For a recipient with an
interface the files are what is sent, and the platform acknowledges: see ``sending``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from samtykke.activation import files, gate, obligations, sent
from samtykke.activation.batches import Batching, Build, last_addition, mark
from samtykke.activation.compose import Composer
from samtykke.activation.connections import Connections, now
from samtykke.activation.costs import cost_of
from samtykke.activation.delta import Delta, Guards, plan
from samtykke.activation.groups import assign_groups
from samtykke.activation.names import sensitive_category
from samtykke.activation.narrowing import at_most, withdrawals_only
from samtykke.activation.problems import kind_of, say
from samtykke.activation.rendering import removal_lines, render
from samtykke.activation.results import BuildResult, ExportError, ProblemKind, Scope
from samtykke.activation.sending import Sender
from samtykke.activation.targets import Target, read_deliveries, target
from samtykke.settings import ConfigurationError, Settings
from samtykke.storage.connect import open_home

# Each audience commits its rows: to rewrite the ledger's last pages for every few of them costs more than all the rest.
# What is committed stands in the log until then, as safe as in the file.
_CHECKPOINT = "256MB"

__all__ = ["BuildResult", "ExportError", "Scope", "deliver", "deliver_or_withdraw", "export_all"]


def export_all(
    settings: Settings, *, as_of: datetime | None, dry_run: bool = False, scope: Scope | None = None
) -> list[BuildResult]:
    """Bring every recipient up to date with the audiences of the last dbt build, as ``deliver``.

    Args:
        settings: As in ``deliver``.
        as_of: As in ``deliver``.
        dry_run: As in ``scope``.
        scope: As in ``deliver``.

    Raises:
        samtykke.activation.gate.StaleGateError: The audiences answer for another moment or older consent.
        ExportError: Some audience failed, for example for want of a secret; every other one was exported.
    """
    scope = replace(scope or Scope(), dry_run=dry_run or (scope is not None and scope.dry_run))
    results = deliver(settings, as_of=as_of, scope=scope)
    if problems := [f"{result.audience}: {result.problem}" for result in results if result.problem]:
        raise ExportError("; ".join(problems), results)
    return results


def deliver(settings: Settings, *, as_of: datetime | None, scope: Scope | None = None) -> list[BuildResult]:
    """Bring recipients up to date; what fails for one audience is part of its result and stops no other.

    Args:
        settings: Whose home.
        as_of: The moment the audiences were built for, UTC; the delivery is refused if it was another. None takes the
            build's own.
        scope: Which audiences, and how far.

    Returns:
        One result per audience, declared or with something left to take back, in order.

    Raises:
        samtykke.activation.gate.StaleGateError: The audiences answer for another moment or older consent.
    """
    scope = scope or Scope()
    with open_home(settings, read_only=scope.dry_run, vault=True) as connection:
        connection.execute(f"set checkpoint_threshold = '{_CHECKPOINT}'")
        moment = as_of or gate.built_for(connection)
        if not scope.withdrawals_only:
            gate.check(connection, moment, scope.recipients)
            if settings.consent_max_age_hours is not None:
                gate.check_age(connection, settings.consent_max_age_hours, now())
        run = Run(settings, connection, moment, scope)
        if not scope.dry_run:
            run.acknowledge_what_arrived()
            obligations.open_due(connection, as_of=moment, now=now())
        results = run.results()
    if not scope.dry_run:
        files.clear_staging(settings.exports)
    return sorted(results, key=lambda result: (result.recipient, result.segment))


def deliver_or_withdraw(settings: Settings, *, as_of: datetime | None, scope: Scope | None = None) -> list[BuildResult]:
    """Deliver; on audiences that are older than what is known of consent, make the removals that are certain.

    Args:
        settings: As in ``deliver``.
        as_of: As in ``deliver``.
        scope: As in ``deliver``.

    Raises:
        samtykke.activation.gate.StaleGateError: There are no audiences at all.
    """
    try:
        return deliver(settings, as_of=as_of, scope=scope)
    except gate.StaleGateError as stale:
        fallback = replace(scope or Scope(), withdrawals_only=True)
        results = deliver(settings, as_of=None, scope=fallback)
        return [
            replace(one, problem=one.problem or str(stale), problem_kind=one.problem_kind or ProblemKind.CONSENT)
            for one in results
        ]


class Run:
    """One export over one connection: what the night and the fast lane share."""

    def __init__(self, settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: datetime, scope: Scope):
        self._settings = settings
        self._connection = connection
        self._as_of = as_of
        self._scope = scope
        self._declared = gate.audiences(connection)
        self._without_source = gate.segments_without_source(connection)
        self._policy = gate.policy_version(connection)
        self._excluded = gate.excluded(connection)
        self._composer: tuple[str, Composer] | None = None
        self._connections = Connections(settings, connection, as_of)
        self._only_removals = False
        self._taken_out: dict[tuple[str, str], BuildResult] = {}

    def results(self) -> list[BuildResult]:
        """Deliver every audience; at platforms whoever leaves any list leaves before somebody enters another.

        Their limits make additions of a large list take hours: no removal may wait behind them.
        """
        audiences = self.audiences()
        changed = [] if self._scope.dry_run or self._scope.withdrawals_only else self._changed_in_batches(audiences)
        if len(changed) > 1:
            self._only_removals = True
            self._taken_out = {audience: self.result_of(*audience) for audience in changed}
            self._only_removals = False
        return [self.result_of(*audience) for audience in audiences]

    def _changed_in_batches(self, audiences: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the audiences that an interface takes as additions and removals, and not as a whole."""
        try:
            reached = read_deliveries(self._settings)
        except ConfigurationError:
            return []  # every audience says so itself
        in_batches = {name for name, one in reached.items() if one.transport == "api" and one.mode != "replace"}
        return [audience for audience in audiences if audience[0] in in_batches]

    def audiences(self) -> list[tuple[str, str]]:
        """Every audience declared or with history; those that may have something to take out come first."""
        historic = sent.audiences_with_history(self._connection)
        known = sorted(self._declared | historic, key=lambda audience: (audience not in historic, audience))
        return [audience for audience in known if self._scope.covers(*audience)]

    def acknowledge_what_arrived(self) -> None:
        """Acknowledge the open builds whose directory stands whole: only the entry was missing."""
        for build in sent.open_builds(self._connection, in_batches=False):
            directory = self._folder(build.recipient, build.segment) / build.build_id
            if files.is_whole(directory):
                self._connections.acknowledge(build, directory)

    def result_of(self, recipient: str, segment: str) -> BuildResult:
        """Deliver one audience; whatever fails is its result's problem and nobody else's."""
        before = self._taken_out.get((recipient, segment))
        if before and before.problem and before.tally is None:
            return before  # a removal could not be made: nobody is added
        try:
            result = self.export(recipient, segment)
        except Exception as problem:
            if isinstance(problem, files.ExportFileError) and not self._scope.withdrawals_only:
                found = self._withdraw(recipient, segment)  # which tells of the removals before it, too
            else:
                found = BuildResult(recipient, segment, None, None, 0, 0, 0)
                found = found.after(before) if before else found
            return replace(found, problem=say(problem), problem_kind=kind_of(problem))
        result = result.after(before) if before else result
        if result.tally and result.tally.problems:
            kind = ProblemKind.CREDENTIALS if result.tally.is_locked_out else ProblemKind.DELIVERY
            return replace(result, problem="; ".join(result.tally.problems), problem_kind=kind)
        return result

    def _withdraw(self, recipient: str, segment: str) -> BuildResult:
        """Take out whom a permission no longer covers although the rest cannot be written."""
        scope, self._scope = self._scope, replace(self._scope, withdrawals_only=True)
        try:
            return self.result_of(recipient, segment)
        finally:
            self._scope = scope

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

    def _plan(self, to: gate.Recipient, segment: str, reached: Target | None) -> tuple[BuildResult, Delta]:
        """Compare what should be at a recipient with what the ledger says is there."""
        composer = self._composer_of(to)
        unusable = composer.compose(segment)
        if unusable["already_hashed"] and not self._scope.withdrawals_only:
            raise files.ExportFileError(
                f"{unusable['already_hashed']:,} values were hashed before they came here: look at what was loaded"
            )
        allowed = self._scope.allow_mass_removal
        allowed = self._settings.allow_mass_removal if allowed is None else allowed
        guards = Guards(
            is_retired=(to.name, segment) not in self._declared,
            is_source_empty=segment in self._without_source,
            max_removal_share=1.0 if allowed else self._settings.max_removal_share,
        )
        wanted = plan(
            self._connection,
            to.spec,
            to.name,
            segment,
            guards,
            refresh_before=self._refresh_before(to, reached),
            standings="export_standings_of",
        )
        wanted, waiting = self._narrowed(wanted, reached)
        unresolved = removal_lines(
            self._connection, to.spec, composer, self._folder(to.name, segment), (to.name, segment)
        )
        delta = wanted.without(self._connection) if unresolved else wanted
        result = BuildResult(
            to.name,
            segment,
            build_id=None,
            path=None,
            added=delta.adds,
            removed=delta.removes,
            unchanged=delta.unchanged,
            held_back=delta.held_back.total(),
            guard=next(iter(delta.held_back), None),
            unresolved=unresolved,
            unusable=unusable,
            removal_reasons=delta.reasons,
            refreshed=delta.refreshed,
            held=delta.held,
            min_matched=max(gate.min_matched(self._connection, to.name), to.spec.min_matched),
            waiting=waiting,
            missing=tuple(reached.missing()) if reached else (),
            excluded=self._excluded.get((to.name, segment), Counter()),
        )
        if reached is None:
            build = self._build(to, segment, delta.adds, delta.removes)
            return replace(result, build_id=None if delta.is_empty else build.build_id), delta
        size = reached.interface.max_rows
        batches = -(-delta.adds // size) + -(-delta.removes // size)
        cost = cost_of(reached, adds=delta.adds, removes=delta.removes, batches=batches)
        return replace(result, transport=reached.delivery.transport, batches=batches, cost=cost), delta

    def _narrowed(self, delta: Delta, reached: Target | None) -> tuple[Delta, int]:
        """Hold back what may not leave: what a guard stops, and what the scope does not ask for."""
        if self._scope.withdrawals_only:
            return withdrawals_only(self._connection, delta)
        if delta.held_back:
            return at_most(self._connection, delta, 0)
        if self._scope.limit is None:
            return delta, 0
        if reached and reached.delivery.mode == "replace":
            raise ConfigurationError("a full exchange (mode: replace) cannot be limited")
        return at_most(self._connection, delta, self._scope.limit)

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

    def _refresh_before(self, to: gate.Recipient, reached: Target | None) -> datetime | None:
        """The moment up to which rows left so long ago that the platform is about to drop them by itself."""
        kept = reached.ttl_days if reached else to.spec.ttl_days_max
        hours = gate.refresh_hours(self._connection, to.name, kept)
        return None if hours is None else self._as_of - timedelta(hours=hours)

    def _composer_of(self, to: gate.Recipient) -> Composer:
        if self._composer is None or self._composer[0] != to.name:
            self._composer = (to.name, Composer(self._connection, to.spec, to.name, self._settings.pepper_bytes))
            # once per recipient: to look through everybody's for each audience costs more than the rest of its plan
            self._connection.execute(
                "create or replace temporary table export_standings_of as"
                " from activation.sent_standings where recipient = $1",
                [to.name],
            )
        return self._composer[1]

    def _folder(self, recipient: str, segment: str) -> Path:
        return files.audience_folder(self._settings.exports, recipient, segment)

    def _build(self, to: gate.Recipient, segment: str, adds: int, removes: int) -> Build:
        number = sent.builds_so_far(self._connection, to.name, segment) + 1
        # Counts, not content: an id that hashed a single row would let a guess at that row be checked.
        identity = f"{to.name}|{segment}|{self._as_of.isoformat()}|{adds}|{removes}|{number}"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
        return Build(
            build_id=f"{self._as_of:%Y%m%dt%H%M%Sz}-{number:04d}-{digest}",
            recipient=to.name,
            segment=segment,
            as_of=self._as_of,
            adds=adds,
            removes=removes,
            policy_version=self._policy,
            purposes=";".join(sorted(gate.needed_purposes(self._connection, segment) | {to.purpose})),
        )
