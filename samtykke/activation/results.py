"""What an export is asked for and what it says it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from samtykke.activation.sending import Tally


class ProblemKind(StrEnum):
    """What there is to mend when an audience could not be delivered."""

    CONSENT = "consent"  # the audiences are older than what is known of consent
    CREDENTIALS = "credentials"  # nobody lets us in: missing, expired or unknown
    IDENTIFIERS = "identifiers"  # a cell is not what its column declares: clear among digests, or a digest among clear
    CONFIGURATION = "configuration"
    DELIVERY = "delivery"  # the platform, or what is between


class ExportError(RuntimeError):
    """Some audiences could not be exported; the others were. The message names each with its problem."""

    def __init__(self, message: str, results: Sequence[BuildResult] = ()):
        super().__init__(message)
        self.results = list(results)


@dataclass(frozen=True)
class BuildResult:
    """What one export did, or would do.

    Attributes:
        recipient: Who receives.
        segment: Which segment.
        build_id: None where there was nothing to do.
        path: The build's directory; None where there was nothing to do, and in a dry run.
        added: Rows put in.
        removed: Rows taken out.
        unchanged: Rows that stay as they are.
        held_back: Rows left in place by a guard.
        guard: The guard: ``source_empty`` or ``mass_removal``.
        unresolved: Rows to take out whose content is known no more; they stay an open obligation.
        unusable: Identifiers left out, by reason.
        removal_reasons: Removed rows by reason.
        refreshed: Of the added, rows sent anew before the platform forgets them.
        held: Rows that the recipient held before.
        min_matched: Fewer matched people than this and the platform shows nobody an advertisement.
        transport: ``file``, ``api`` or ``sftp``.
        batches: Requests that the platform's limits make of it; 0 for files.
        tally: What became of the batches; None for files and in a dry run.
        is_planned_only: Nothing was written or sent: a dry run, or an interface outside production.
        waiting: Additions that wait: for a guard, or for a limit.
        problem: Why this audience could not be delivered; counts, fixed words and names, never a value of a row.
        problem_kind: What there is to mend.
        missing: What is not configured and would keep it from being sent, each as the name to set.
        cost: What the change costs besides, in words.
        excluded: People of the segment who are not sent, by the exit gate's reason.
    """

    recipient: str
    segment: str
    build_id: str | None
    path: Path | None
    added: int
    removed: int
    unchanged: int
    held_back: int = 0
    guard: str | None = None
    unresolved: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    removal_reasons: Counter[str] = field(default_factory=Counter)
    refreshed: int = 0
    held: int = 0
    min_matched: int = 1
    transport: str = "file"
    batches: int = 0
    tally: Tally | None = None
    is_planned_only: bool = False
    waiting: int = 0
    problem: str | None = None
    problem_kind: ProblemKind | None = None
    missing: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    excluded: Counter[str] = field(default_factory=Counter)

    @property
    def audience(self) -> str:
        """Its name as ``--only`` takes it."""
        return f"{self.recipient}/{self.segment}"

    def after(self, removals: BuildResult) -> BuildResult:
        """Return what this and the removals that were made before it did together."""
        return replace(
            self,
            build_id=self.build_id or removals.build_id,
            path=self.path or removals.path,
            removed=self.removed + removals.removed,
            removal_reasons=self.removal_reasons + removals.removal_reasons,
            held=removals.held,
            batches=removals.batches,
            cost=removals.cost,
            tally=self.tally.after(removals.tally) if self.tally and removals.tally else self.tally or removals.tally,
        )


@dataclass(frozen=True)
class Scope:
    """Which audiences, and how far.

    Attributes:
        recipient: Only this one.
        segment: Only this one.
        dry_run: Plan only: write nothing, neither files nor ledger.
        send: Send to interfaces; None as the environment says. What is not sent is planned.
        allow_mass_removal: Let a large share of an audience leave it; None as the settings say.
        only: Only these: (recipient, segment), or (recipient, None) for all of a recipient; None for all.
        limit: Put in at most so many rows per audience; the others wait. Removals are never limited.
        withdrawals_only: Take out whom a permission no longer covers, and nothing else: what may always be done.
    """

    recipient: str | None = None
    segment: str | None = None
    dry_run: bool = False
    send: bool | None = None
    allow_mass_removal: bool | None = None
    only: frozenset[tuple[str, str | None]] | None = None
    limit: int | None = None
    withdrawals_only: bool = False

    @property
    def recipients(self) -> set[str] | None:
        """Whose audiences are asked for; None: everybody's."""
        if self.only is None:
            return None if self.recipient is None else {self.recipient}
        return {recipient for recipient, _ in self.only if self.recipient in (None, recipient)}

    def covers(self, recipient: str, segment: str) -> bool:
        """Tell whether an audience is asked for."""
        is_named = self.only is None or not self.only.isdisjoint({(recipient, segment), (recipient, None)})
        return is_named and self.recipient in (None, recipient) and self.segment in (None, segment)
