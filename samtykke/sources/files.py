"""The drop folder: which files are there, whether they are whole, and what they are called."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samtykke.sources.contracts import ENTITIES

READABLE = (".csv", ".csv.gz", ".parquet", ".jsonl", ".jsonl.gz", ".log", ".log.gz")
# A file of these kinds beside the folders was meant to be in one.
_DATA_ENDINGS = (".csv", ".parquet", ".jsonl", ".gz", ".log")
_UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".download", ".filepart", ".swp")
# Notes that people and the sample put beside deliveries.
_NOT_DATA = ("SAMPLE.json", "README.md", "README.txt", "LICENSE", "Thumbs.db", "desktop.ini")
_BLOCK = 1 << 20


class Refused(Exception):
    """The file cannot be loaded at all.

    Attributes:
        reason: A fixed word, counted and shown.
        remedy: One sentence that says what to do; names files and headers, never a value.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy


class Incomplete(Exception):
    """The file is still being written or was cut; it is looked at again by the next run.

    Attributes:
        reason: A fixed word.
        remedy: One sentence that says what to do.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Delivery:
    """One file of the drop folder.

    Attributes:
        path: Where it is.
        relative: Its path inside the drop folder, with slashes.
        folder: Name of its first folder.
        entity: The part of ``folder`` before ``@``.
        mapping: The part after it, if any.
    """

    path: Path
    relative: str
    folder: str
    entity: str
    mapping: str | None

    @property
    def suffix(self) -> str:
        """The kind of file by its name, without ``.gz``; empty when no reader knows it."""
        name = self.path.name.lower()
        return next((s.removesuffix(".gz") for s in READABLE if name.endswith(s)), "")

    @property
    def is_packed(self) -> bool:
        return self.path.name.lower().endswith(".gz")


def deliveries(drop_folder: Path, *, social: bool, entities: tuple[str, ...] | None = None) -> Iterator[Delivery]:
    """Yield the files of the drop folder in a fixed order; unfinished and hidden ones are no files yet.

    Args:
        drop_folder: ``Settings.drop_folder``.
        social: Whether the folders of social data are meant, or all others.
        entities: Only these.
    """
    if not drop_folder.is_dir():
        return
    if not social and entities is None:
        for path in sorted(p for p in drop_folder.iterdir() if p.is_file() and p.suffix.lower() in _DATA_ENDINGS):
            yield Delivery(path, path.name, "", "", None)
    for folder in sorted(drop_folder.iterdir()):
        if not folder.is_dir() or folder.name.startswith((".", "_")):
            continue
        entity, _, mapping = folder.name.partition("@")
        known = ENTITIES.get(entity)
        if (known is not None and known.social) is not social or (entities is not None and entity not in entities):
            continue
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
            relative = path.relative_to(drop_folder)
            if path.name in _NOT_DATA or _is_unfinished(relative):
                continue
            yield Delivery(path, relative.as_posix(), folder.name, entity, mapping or None)


def _is_unfinished(relative: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) for part in relative.parts)
    return hidden or relative.name.lower().endswith(_UNFINISHED)


def state(path: Path) -> tuple[int, int]:
    """Return what changes while a file is written: its size and its time of change."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def wait_until_settled(path: Path, settle_seconds: float, *, patience: float = 60.0) -> tuple[int, int]:
    """Return the state of a file that has not changed for ``settle_seconds``, waiting while it is younger.

    Raises:
        Incomplete: It was still changing after ``patience`` seconds.
    """
    deadline = time.monotonic() + patience
    seen = state(path)
    while True:
        # A clock that runs behind the file's own must not make us wait for ever.
        age = time.time() - seen[1] / 1e9
        wait = min(settle_seconds - age, settle_seconds)
        if wait <= 0:
            return seen
        time.sleep(wait)
        now = state(path)
        if now == seen:
            return seen
        seen = now
        if time.monotonic() > deadline:
            raise Incomplete("still_changing", f"{path.name} is still being written; it is read by the next run.")


def sha256_of(path: Path) -> str:
    """Return the digest of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def file_id_of(relative: str, sha256: str) -> str:
    """Return the id of a delivery: a digest of path and content."""
    return hashlib.sha256(f"{relative}\x1f{sha256}".encode()).hexdigest()[:32]
