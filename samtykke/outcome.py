"""How a run ended: what `samtykke run` prints, returns and keeps in ``<home>/logs/last_run.json``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any


class ExitCode(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    BLOCKED = 1  # a check blocked or a step broke; what was published before still stands
    USAGE = 2  # bad usage or configuration
    REFUSED = 3  # an input was refused; the rest went on unless it decides who may be exported


@dataclass(frozen=True)
class BlockedCheck:
    """A check that failed: on which asset, its name, and what it says (counts, never values)."""

    asset: str
    check: str
    says: str


@dataclass(frozen=True)
class BrokenStep:
    """A step that did not end: its name and why, without values."""

    step: str
    cause: str


@dataclass(frozen=True)
class StepTime:
    """How long a step took."""

    step: str
    seconds: float


@dataclass(frozen=True)
class Exported:
    """What one audience's delivery did; without a build there was nothing to do, or it was only planned.

    Attributes:
        recipient: Who received.
        segment: Which segment.
        added: Rows put in.
        removed: Rows taken out.
        unchanged: Rows that stayed as they were.
        build_id: The directory of its files.
        delivery: How far it went, in a word or two.
        refreshed: Rows sent anew before the platform forgets them.
        rejected: Rows that the platform did not take.
        held_back: Rows that a guard keeps there.
        waiting: Additions that wait.
        to_add: Rows that were to be put in.
        to_remove: Rows that were to be taken out.
        problem: Why it failed.
    """

    recipient: str
    segment: str
    added: int
    removed: int
    unchanged: int
    build_id: str | None
    delivery: str = ""
    refreshed: int = 0
    rejected: int = 0
    held_back: int = 0
    waiting: int = 0
    to_add: int = 0
    to_remove: int = 0
    problem: str | None = None


@dataclass(frozen=True)
class RunOutcome:
    """One run as told to people and machines."""

    exit_code: ExitCode
    message: str | None = None
    run_id: str | None = None
    as_of: str | None = None
    refused: tuple[str, ...] = ()
    blocked: tuple[BlockedCheck, ...] = ()
    warnings: tuple[BlockedCheck, ...] = ()
    broken: tuple[BrokenStep, ...] = ()
    steps: tuple[StepTime, ...] = ()
    checks: int = 0
    exports: tuple[Exported, ...] | None = None  # None: the run did not come to its exports

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_file(cls, file: Path) -> RunOutcome | None:
        """Read an outcome; None when no run has left one."""
        try:
            content: dict[str, Any] = json.loads(file.read_text())
        except (OSError, ValueError):
            return None
        exports = content.pop("exports")
        return cls(
            exports=None if exports is None else tuple(Exported(**item) for item in exports),
            exit_code=ExitCode(content.pop("exit_code")),
            refused=tuple(content.pop("refused")),
            blocked=tuple(BlockedCheck(**item) for item in content.pop("blocked")),
            warnings=tuple(BlockedCheck(**item) for item in content.pop("warnings")),
            broken=tuple(BrokenStep(**item) for item in content.pop("broken")),
            steps=tuple(StepTime(**item) for item in content.pop("steps")),
            **content,
        )
