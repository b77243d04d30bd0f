"""Export every audience, removals first; what fails for one stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import duckdb

from samtykke.activation import files, gate, obligations, sent
from samtykke.activation.audience import AudienceExport
from samtykke.activation.connections import now
from samtykke.activation.problems import kind_of, say
from samtykke.activation.results import BuildResult, ExportError, ProblemKind, Scope
from samtykke.activation.targets import read_deliveries
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


class Run(AudienceExport):
    """One export over one connection: what the night and the fast lane share."""

    def __init__(self, settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: datetime, scope: Scope):
        super().__init__(settings, connection, as_of, scope)
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
