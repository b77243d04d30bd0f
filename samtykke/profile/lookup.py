"""Look somebody up in the published store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from samtykke.explain.asked import Candidate, read_identifier
from samtykke.explain.question import QuestionError
from samtykke.profile.closing import MASKED_REASON, closed_profile, is_found_by
from samtykke.profile_store import LAYOUT, open_store, profiles_file
from samtykke.profile_withheld import read_withheld, withheld_file
from samtykke.settings import ConfigurationError, Settings

_QUERY = """
    select keys.person_id, keys.identifier_kind, profiles.document from keys
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
    """The published profiles without what was withdrawn since, open for lookups by one thread.

    A publication and the fast lane replace files; the next lookup notices and reads the new ones.

    Raises:
        ConfigurationError: Nothing is published in this home, or by an older version.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._published = _Replaced(profiles_file(settings))
        self._withheld = _Replaced(withheld_file(settings))
        self._as_of = ""
        self._needs: dict[str, list[str] | None] = {}
        self._read: sqlite3.Connection | None = None
        self.by_key("")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the files go."""
        self._published.close()
        self._withheld.close()

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
        """Return the profiles of whoever has an identifier's key (``k1_…``), or of a person_id.

        Raises:
            ConfigurationError: Nothing is published, or what is published cannot be read.
        """
        try:
            return self._found_by(key)
        except sqlite3.DatabaseError:
            raise ConfigurationError(
                f"the profiles published in {self._settings.home} cannot be read; write them again: "
                "samtykke withdrawals, then samtykke run"
            ) from None

    def _found_by(self, key: str) -> tuple[Profile, ...]:
        # first: a publication takes this file away only after it has put its own in its place
        withheld = self._withheld.store()
        rows = self._profiles().execute(_QUERY, [key]).fetchall()
        found = []
        for person_id, identifier_kind, document in rows:
            values = dict(zip(self._needs, json.loads(document), strict=True))
            closed = read_withheld(withheld, person_id) if withheld else None
            if closed and not is_found_by(identifier_kind, closed):
                continue
            shown = closed_profile(values, self._needs, closed) if closed else values
            found.append(Profile(person_id, self._as_of, shown))
        return tuple(found)

    def _profiles(self) -> sqlite3.Connection:
        """Return the store of the newest publication, its columns read."""
        store = self._published.store()
        if store is None:
            raise ConfigurationError(f"no profiles are published in {self._settings.home}; run first: samtykke run")
        if store is not self._read:
            layout, self._as_of, *_ = store.execute("select * from about").fetchone()
            if layout != LAYOUT:
                raise ConfigurationError("the published profiles are of another version; run first: samtykke run")
            columns = store.execute("select name, purposes from columns order by position")
            self._needs = {name: json.loads(purposes) if purposes else None for name, purposes in columns}
            self._read = store
        return store


class _Replaced:
    """A file that is replaced as a whole and may be away, open for reading."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open: sqlite3.Connection | None = None
        self._state: tuple[int, int, int] | None = None

    def store(self) -> sqlite3.Connection | None:
        """Return what lies there now; None where nothing does."""
        state = self._stat()
        if self._open is not None and state == self._state:
            return self._open
        self.close()
        try:
            self._open = open_store(self._file) if state else None
        except sqlite3.OperationalError:
            if self._file.exists():
                raise
        self._state = state
        return self._open

    def close(self) -> None:
        """Let the file go."""
        if self._open:
            self._open.close()
        self._open = None

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            state = self._file.stat()
        except FileNotFoundError:
            return None
        return state.st_ino, state.st_mtime_ns, state.st_size


def _key(candidate: Candidate) -> str:
    return candidate.identifier_key or candidate.person_id or ""
