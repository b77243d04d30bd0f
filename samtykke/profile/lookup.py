"""Look somebody up in the published store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from samtykke.explain.asked import Candidate, read_identifier
from samtykke.explain.question import QuestionError
from samtykke.profile_store import LAYOUT, profiles_file
from samtykke.settings import ConfigurationError, Settings

MASKED_REASON = "_masked_reason"
_QUERY = """
    select keys.person_id, profiles.document from keys
    inner join profiles on keys.person_id = profiles.person_id where keys.key = ?
"""


@dataclass(frozen=True)
class Profile:
    """A row of mart ``customer_profile``.

    Attributes:
        person_id: Who.
        as_of: The moment it is true for, UTC.
        values: By column, in the mart's order, as JSON has them: a moment is ISO 8601 text (UTC), a list a list.
    """

    person_id: str
    as_of: str
    values: Mapping[str, Any]

    @cached_property
    def groups(self) -> Mapping[str, Mapping[str, Any]]:
        """The columns by group: a group's reason stands before its columns, the consent that holds for all at first."""
        groups: dict[str, dict[str, Any]] = {"consent": {}}
        for name, value in self.values.items():
            if name.endswith(MASKED_REASON):
                groups[name.removesuffix(MASKED_REASON)] = {}
            elif name != "person_id":
                groups[next(reversed(groups))][name] = value
        return groups

    @cached_property
    def masked(self) -> Mapping[str, str]:
        """Why a group is not shown, by group; a group that is shown is absent."""
        return {
            name.removesuffix(MASKED_REASON): reason
            for name, reason in self.values.items()
            if name.endswith(MASKED_REASON) and reason is not None
        }


@dataclass(frozen=True)
class Found:
    """Who was found.

    Attributes:
        identifier_kind: How what was typed was read; None for a key or a person_id.
        profiles: Nobody, one, or everybody who shares the identifier.
    """

    identifier_kind: str | None
    profiles: tuple[Profile, ...]


class Profiles:
    """The published profiles, open for lookups by one thread.

    A publication replaces the file; the next lookup notices and reads the new one.

    Raises:
        ConfigurationError: Nothing is published in this home, or by an older version.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = profiles_file(settings)
        self._store: sqlite3.Connection | None = None
        self._opened: tuple[int, int, int] | None = None
        self._as_of = ""
        self._columns: list[str] = []
        self._refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        if self._store:
            self._store.close()
        self._store = None

    def lookup(self, identifier: str) -> Found:
        """Return the profiles of whoever has an identifier.

        Args:
            identifier: As somebody types it (``samtykke.explain.asked.FORMS``); it is keyed at once and kept nowhere.

        Raises:
            UnreadableIdentifierError: What was typed is no identifier.
            QuestionError: It can be several identifiers, of different people.
            ConfigurationError: The file was taken away, or is of another version.
        """
        read = read_identifier(identifier, self._settings)
        answers = [(candidate, self.by_key(_key(candidate))) for candidate in read]
        known = [(candidate, profiles) for candidate, profiles in answers if profiles]
        if len({tuple(profile.person_id for profile in profiles) for _, profiles in known}) > 1:
            kinds = ", ".join(f"{candidate.identifier_kind or 'person_id'}:" for candidate, _ in known)
            raise QuestionError(f"that can be several identifiers; put one of these before it: {kinds}")
        candidate, profiles = (known or answers)[0]
        return Found(candidate.identifier_kind, profiles)

    def by_key(self, key: str) -> tuple[Profile, ...]:
        """Return the profiles of whoever has an identifier's key (``k1_…``), or of a person_id."""
        self._refresh()
        rows: Sequence[tuple[str, str]] = self._store.execute(_QUERY, [key]).fetchall()
        return tuple(
            Profile(person_id, self._as_of, dict(zip(self._columns, json.loads(document), strict=True)))
            for person_id, document in rows
        )

    def _refresh(self) -> None:
        try:
            state = self._file.stat()
        except FileNotFoundError:
            raise ConfigurationError(
                f"no profiles are published in {self._settings.home}; run first: samtykke run"
            ) from None
        if self._store is not None and self._opened == (state.st_ino, state.st_mtime_ns, state.st_size):
            return
        self.close()
        store = _open(self._file)
        layout, self._as_of = store.execute("select layout, as_of from about").fetchone()
        if layout != LAYOUT:
            store.close()
            raise ConfigurationError("the published profiles are of another version; run first: samtykke run")
        self._columns = [name for (name,) in store.execute("select name from columns order by position")]
        self._store, self._opened = store, (state.st_ino, state.st_mtime_ns, state.st_size)


def _key(candidate: Candidate) -> str:
    return candidate.identifier_key or candidate.person_id or ""


def _open(file: Path) -> sqlite3.Connection:
    """Open without locks: the file never changes, it is replaced."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
