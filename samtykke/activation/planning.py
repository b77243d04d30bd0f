"""What is to be sent of one audience: what should be at a recipient against what the ledger says is there."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from samtykke.activation import files, gate, sent
from samtykke.activation.batches import Build
from samtykke.activation.compose import Composer
from samtykke.activation.connections import Connections
from samtykke.activation.costs import cost_of
from samtykke.activation.delta import Delta, Guards, plan
from samtykke.activation.narrowing import at_most, withdrawals_only
from samtykke.activation.rendering import removal_lines
from samtykke.activation.results import BuildResult, Scope
from samtykke.activation.targets import Target
from samtykke.settings import ConfigurationError, Settings


class Planning:
    """Plans one audience after the other over one connection."""

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
