"""What was withdrawn since the profiles were published: which uses of whom are closed until they are published again.

The fast lane writes it, whole, as a file beside the published profiles; whoever looks somebody up reads both. It only
ever takes away: a value that is published as masked stays masked.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from samtykke.profile_store import open_store
from samtykke.settings import Settings

_TABLES = """
    create table about (as_of text not null);
    create table people (person_id text primary key, closed text not null, consent text not null) without rowid;
"""


@dataclass(frozen=True)
class Withheld:
    """What may no longer be shown of a person.

    Attributes:
        person_id: Who.
        closed: Why a purpose of use is not permitted, by purpose.
        consent: The columns of the profile that say what is permitted, as they are now.
    """

    person_id: str
    closed: Mapping[str, str]
    consent: Mapping[str, Any]


def withheld_file(settings: Settings) -> Path:
    """The file that lies beside the published profiles while something of them is withheld."""
    return settings.published / "withheld.sqlite"


def write_withheld(settings: Settings, people: Iterable[Withheld], *, as_of: datetime) -> int:
    """Put what is withheld in the place of what was, in one step.

    Args:
        settings: Whose home.
        people: Everybody about whom something was said since the publication; nobody takes the file away.
        as_of: The moment it is true for.

    Returns:
        How many people the file holds.
    """
    file = withheld_file(settings)
    rows = [(one.person_id, json.dumps(one.closed), json.dumps(one.consent)) for one in people]
    if not rows:
        file.unlink(missing_ok=True)
        return 0
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    store = sqlite3.connect(part, isolation_level=None)
    try:
        store.executescript(f"{_TABLES} begin;")
        store.execute("insert into about values (?)", [as_of.isoformat(sep=" ")])
        store.executemany("insert into people values (?, ?, ?)", rows)
        store.execute("commit")
    finally:
        store.close()
    part.chmod(0o400)
    os.replace(part, file)
    return len(rows)


def read_withheld(store: sqlite3.Connection, person_id: str) -> Withheld | None:
    """Return what is withheld of a person; None where nothing is."""
    row = store.execute("select closed, consent from people where person_id = ?", [person_id]).fetchone()
    return Withheld(person_id, *(json.loads(part) for part in row)) if row else None


def forget_withheld(settings: Settings, *, as_of: datetime) -> None:
    """Take away what the profiles that are published now know themselves, true for ``as_of``."""
    file = withheld_file(settings)
    if not file.exists():
        return
    store = open_store(file)
    try:
        (said,) = store.execute("select as_of from about").fetchone()
    except sqlite3.DatabaseError:
        return  # lookups refuse to answer until the fast lane has written it again
    finally:
        store.close()
    # profiles of an earlier moment may not know what was said after it
    if datetime.fromisoformat(said) <= as_of:
        file.unlink(missing_ok=True)
