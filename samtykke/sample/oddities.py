"""The oddities of real files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path


def write_oddities(out: Path, as_of: datetime) -> Iterator[tuple[str, int]]:
    """Write the odd files and yield their paths and row counts."""
    yield from ()
