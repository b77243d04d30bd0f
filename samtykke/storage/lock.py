"""One writer per home: DuckDB allows one, and two runs must not interleave. The lock dies with its process."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from samtykke.settings import Settings

_POLL_SECONDS = 0.5
# Homes this process has locked: the process that started a run and the run itself may be the same one.
_held: set[str] = set()


class HomeBusyError(RuntimeError):
    """Another process is writing to this home."""


@contextmanager
def home_lock(
    settings: Settings, *, wait_seconds: float = 0, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold the home's writer lock; re-entrant within one process.

    Args:
        settings: Whose home.
        wait_seconds: How long to wait for another process before giving up.
        on_wait: Called once when waiting starts.

    Raises:
        HomeBusyError: The lock is still held when the wait is over.
    """
    path = settings.home / "run.lock"
    if str(path) in _held:
        yield
        return
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as file:
        deadline = time.monotonic() + wait_seconds
        waited = False
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                raise HomeBusyError(f"another run is writing to {settings.home}; start again when it has finished")
            if not waited and on_wait:
                on_wait()
            waited = True
            time.sleep(_POLL_SECONDS)
        _held.add(str(path))
        try:
            yield
        finally:
            _held.discard(str(path))
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold a lock file, waiting for whoever has it: for work of seconds that two processes may begin together."""
    with path.open("a") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
