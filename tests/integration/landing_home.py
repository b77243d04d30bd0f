"""A home whose drop folder a test fills file by file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from samtykke.settings import Settings
from samtykke.sources.load import load_landing
from samtykke.sources.manifest import FileResult
from samtykke.storage.connect import open_home, prepare_home

PROJECT = Path(__file__).resolve().parents[2]


class LandingHome:
    """Delivers files, loads them, and asks the databases."""

    def __init__(self, folder: Path, *, settle_seconds: float = 0, project: Path = PROJECT) -> None:
        self.settings = Settings(
            home=folder, pepper="a pepper of the tests", settle_seconds=settle_seconds, project=project
        )
        prepare_home(self.settings)

    def deliver(self, path: str, content: str | bytes) -> Path:
        """Put a file into the drop folder."""
        file = self.settings.drop_folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def load(self) -> dict[str, FileResult]:
        """Load the drop folder; results by path."""
        return {result.path: result for result in load_landing(self.settings)}

    def load_one(self, path: str, content: str | bytes) -> FileResult:
        """Deliver one file and load it."""
        self.deliver(path, content)
        return self.load()[path]

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Ask the databases, the vault included."""
        with open_home(self.settings, vault=True) as connection:
            return connection.execute(sql, parameters or []).fetchall()

    def one(self, sql: str) -> Any:
        """Ask for a single value."""
        return self.rows(sql)[0][0]

    def quarantined(self) -> Counter[tuple[int, str]]:
        """What is in quarantine: line and reason."""
        return Counter((line, reason) for line, reason in self.rows("select line_number, reason from raw.quarantine"))

    def emails(self) -> list[str]:
        """The clear addresses of staged contacts, in order."""
        found = self.rows("""
            select v.value from raw.contacts as c inner join vault.identifiers as v on c.email_key = v.identifier_key
            order by c.line_number
        """)
        return [value for (value,) in found]
