"""One finding of a check-up: what was looked at, whether it is in order, and what to do when it is not."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One line of ``doctor`` or ``verify``."""

    subject: str
    ok: bool
    says: str
    remedy: str | None = None

    def to_dict(self) -> dict[str, object]:
        return asdict(self)
