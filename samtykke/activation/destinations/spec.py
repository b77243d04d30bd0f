"""What a destination takes: a frozen description that planning and rendering read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from samtykke import hashing


@dataclass(frozen=True)
class Column:
    """One column of a destination's file.

    Attributes:
        header: As the platform writes it.
        kind: What stands in it, a kind of ``samtykke.hashing`` (``email``, ``phone``, ``country``); None is a
            column that the platform's header has and that stays blank.
    """

    header: str
    kind: str | None = None


@dataclass(frozen=True)
class DestinationSpec:
    """How one platform's file looks and behaves.

    Attributes:
        name: What the seed ``recipients`` names as ``export_format``.
        platform: Whose rules of normal form, hash and encoding apply (``samtykke.hashing``).
        columns: In the order of the header.
        identifier_kinds: The kinds that identify somebody; other columns help matching and travel with
            additions only.
        matches_people: The platform matches a row to an account, so taking out one row of a person takes out
            the person: whoever loses a row is sent again with the rows that stay. False where a row is a
            contact of its own.
    """

    name: str
    platform: str
    columns: tuple[Column, ...]
    identifier_kinds: tuple[str, ...]
    matches_people: bool

    @cached_property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Per column what a cell holds: ``sha256/hex``, ``none/plain``, ``blank``."""
        rules = hashing.rules()
        return tuple(
            "blank" if column.kind is None else "{0.hash}/{0.encoding}".format(rules[self.platform, column.kind])
            for column in self.columns
        )
