"""What arrives and what became of it: new files of the drop folder, and the books of the landing layer."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from samtykke.settings import Settings
from samtykke.sources.contracts import ENTITIES
from samtykke.sources.files import deliveries, state
from samtykke.sources.load import INCOMPLETE, REFUSED, FileResult
from samtykke.sources.mapping import MappingError, load_mapping

# Exporting without one of these could send somebody who has said no (e-mail events carry unsubscribes).
DECIDING_ENTITIES = frozenset({"consent_events", "notices", "suppressions", "email_events"})


@dataclass(frozen=True)
class Watched:
    """The files of the drop folder as last seen: path to size and time of change."""

    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str | None) -> Watched:
        return cls(json.loads(text) if text else {})

    def to_text(self) -> str:
        return json.dumps(self.files, sort_keys=True)


@dataclass(frozen=True)
class Arrival:
    """Files that are new or changed since they were last seen, and what has been seen now."""

    names: tuple[str, ...]
    seen: Watched

    @property
    def digest(self) -> str:
        """Stands for exactly these files in exactly this state."""
        states = "\n".join(f"{name}|{self.seen.files[name]}" for name in self.names)
        return hashlib.sha256(states.encode()).hexdigest()[:32]


def new_files(settings: Settings, seen: Watched, *, now: float | None = None) -> Arrival:
    """Compare the drop folder with what was seen; a file that may still be written is not there yet."""
    clock = time.time() if now is None else now
    current = {}
    for social in (False, True):
        for delivery in deliveries(settings.drop_folder, social=social):
            size, changed_ns = state(delivery.path)
            if clock - changed_ns / 1e9 >= settings.settle_seconds:
                current[delivery.relative] = f"{size}:{changed_ns}"
    names = tuple(sorted(name for name, value in current.items() if seen.files.get(name) != value))
    return Arrival(names, Watched(current))


@dataclass(frozen=True)
class Unread:
    """A delivered file that was not loaded. ``says`` names file and remedy; ``refused`` false: it may come yet."""

    path: str
    refused: bool
    says: str
    entities: frozenset[str]


def unread_files(settings: Settings, results: Iterable[FileResult]) -> list[Unread]:
    """List the files of a load that brought nothing, with every entity that now misses rows."""
    return [
        Unread(
            path=result.path,
            refused=result.status == REFUSED,
            says=f"{result.path}: {result.reason}. {result.remedy}",
            entities=_missing_entities(settings, result),
        )
        for result in results
        if result.status in (REFUSED, INCOMPLETE)
    ]


def _missing_entities(settings: Settings, result: FileResult) -> frozenset[str]:
    """What a file would have brought; a mapping that cannot be read may have brought consent."""
    if result.entity not in ENTITIES:
        return frozenset()
    if result.mapping is None:
        return frozenset({result.entity})
    try:
        mapping = load_mapping(result.mapping, result.entity, settings.project)
    except MappingError:
        return frozenset({result.entity, "consent_events"})
    return frozenset({result.entity, *(output.entity for output in mapping.outputs)})


@dataclass(frozen=True)
class Books:
    """One entity's books over all its files: records read, staged, quarantined, and rows found in its table."""

    entity: str
    rows_in: int
    rows_staged: int
    rows_quarantined: int
    rows_refused: int
    rows_present: int
    unbalanced_files: int
    rejected_files: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether every record that was read is in the table or in quarantine."""
        return not self.unbalanced_files and self.rows_present == self.rows_staged


def books(connection: duckdb.DuckDBPyConnection, entity: str, *, max_quarantine_share: float) -> Books:
    """Read one entity's books from the landing layer.

    Args:
        connection: The home's warehouse.
        entity: Name of the entity and of its table in schema ``raw``.
        max_quarantine_share: A file with a larger share of quarantined rows is listed as rejected. Rows refused at
            the door for lack of consent are no fault of the file and do not count.
    """
    rows_in, staged, quarantined, refused, unbalanced, rejected = connection.execute(
        """
        select coalesce(sum(rows_in), 0), coalesce(sum(rows_staged), 0), coalesce(sum(rows_quarantined), 0),
            coalesce(sum(rows_refused), 0), count(*) filter (rows_in <> rows_staged + rows_quarantined),
            coalesce(list(path order by path) filter (
                rows_in > rows_refused and rows_quarantined - rows_refused > $2 * (rows_in - rows_refused)), [])
        from raw.file_entities inner join raw.files using (file_id)
        where file_entities.entity = $1 and status = 'loaded'
        """,
        [entity, max_quarantine_share],
    ).fetchone()
    present = connection.execute(f"select count(*) from raw.{entity}").fetchone()[0]
    return Books(entity, rows_in, staged, quarantined, refused, present, unbalanced, tuple(rejected))
