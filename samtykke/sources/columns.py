"""What an input contract is made of: columns, the identifiers among them, and how a list of columns is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, and so how it is checked."""

    TOKEN = "token"  # an id or a short word: trimmed, never reformatted
    TEXT = "text"  # free text: kept sign by sign
    URL = "url"
    TIME = "time"  # ISO 8601 with zone, kept in UTC
    DATE = "date"  # YYYY-MM-DD
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    ENUM = "enum"
    LIST = "list"  # values between semicolons
    COUNTRY = "country"  # ISO 3166-1 alpha-2
    LANGUAGE = "language"  # BCP 47
    CURRENCY = "currency"  # ISO 4217
    IDENTIFIER = "identifier"  # normalised, keyed, its clear value goes to the vault


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Attributes:
        name: Its header.
        kind: What it holds.
        required: The header must be there and every row must fill it.
        values: The closed list of an enum.
        default: What a blank means; None leaves it blank.
        open_end: The year 9999 means no end.
        vault: The value is personal and lives in the vault only.
        derived: A consent signal in the row may stand in for it.
    """

    name: str
    kind: Kind
    required: bool = False
    values: tuple[str, ...] = ()
    default: str | None = None
    open_end: bool = False
    vault: bool = False
    derived: bool = False


@dataclass(frozen=True)
class Identifier:
    """How a column becomes an identifier.

    Attributes:
        column: The column of the contract.
        kind: The kind of the identifier; with ``scope`` its first part (``handle`` → ``handle:instagram``).
        kind_column: The column that names the kind row by row, instead of ``kind``.
        scope: The column that completes the kind.
        region: The column with the alpha-2 country of a national phone number.
    """

    column: str
    kind: str | None = None
    kind_column: str | None = None
    scope: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Contract:
    """What one entity's files hold.

    Attributes:
        entity: Name of the folder and of the table ``raw.<entity>``.
        columns: In the order of the documentation.
        identifiers: The columns that name people.
        one_of: Of these identifiers every row needs one that is usable.
        social: Loaded at the door under consent, not by the landing.
    """

    entity: str
    columns: tuple[Column, ...]
    identifiers: tuple[Identifier, ...] = ()
    one_of: tuple[str, ...] = ()
    social: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: The contract has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.entity} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)


# Lists too long for a line.
_LISTS = {
    name: tuple(words.split())
    for name, words in {
        "@channels": "email sms phone_live phone_auto push in_app post social_dm whatsapp messenger ads_audience "
        "onsite any",
        "@actions": "requested deferred granted confirmed renewed refused withdrawn objected restricted unrestricted "
        "revoked_by_controller invalidated imported_state",
        "@email_events": "sent delivered open click bounce_hard bounce_soft complaint unsubscribe reply confirm",
    }.items()
}


def columns(text: str) -> tuple[Column, ...]:
    """Read ``name kind`` pairs, one column a line; ``*`` requires it, ``=x`` is its default, ``(a b)`` its values."""
    found = []
    for line in text.strip().splitlines():
        head, _, listed = line.strip().partition("(")
        name, kind, *flags = head.split()
        default = next((flag[1:] for flag in flags if flag.startswith("=")), None)
        found.append(
            Column(
                name.rstrip("*"),
                Kind(kind),
                required=name.endswith("*"),
                values=_LISTS.get(listed.rstrip(")"), tuple(listed.rstrip(")").split())),
                default=default,
                open_end="open" in flags,
                vault="vault" in flags,
                derived="derived" in flags,
            )
        )
    return tuple(found)
