"""What an explanation says: rows of SQL as mappings of column to value, and never a clear identifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class IdentifierAnswer:
    """One identifier at one recipient, or for one purpose of use: the gate's word and all thirteen rules.

    Attributes:
        identifier_key: The key; the kind is ``identifier_kind``.
        is_permitted: What the gate says of it (its own permission, and no no of a linked identifier).
        is_usable: Whether the recipient takes it, it is nobody else's and the person still uses it.
        state: The identifier's own state, as ``permission_at``.
        rule_id: The rule that decides at the gate.
        reason: Why, in a word.
        rules: One row per rule R1 to R13, in order, with its evidence.
    """

    identifier_key: str
    identifier_kind: str
    is_permitted: bool
    is_usable: bool
    state: str
    rule_id: str
    reason: str
    statement: str
    rules: tuple[Row, ...]


@dataclass(frozen=True)
class RecipientAnswer:
    """One person at one recipient.

    Attributes:
        permission_recipient: How consent events name the recipient; None for the company itself and its processors.
        is_permitted: Whether consent lets the person go there: through one usable identifier at least.
        deciding: The evidence of what decides: the row of the rule, of the identifier it was said about.
        identifiers: What each identifier that the recipient takes says.
        linked_denials: What any linked identifier refuses; a no travels over every link.
        segments: The audiences of this recipient at the last run, each with its one reason.
        exports: What left and what came back, from the export ledger.
        named_by: The notices that name purpose and recipient: a yes to one of them would count.
    """

    recipient: str
    title: str
    purpose: str
    channel: str
    permission_recipient: str | None
    is_permitted: bool
    state: str
    rule_id: str
    reason: str
    statement: str
    deciding: Row | None
    identifiers: tuple[IdentifierAnswer, ...]
    linked_denials: tuple[Row, ...]
    segments: tuple[Row, ...]
    exports: tuple[Row, ...]
    named_by: tuple[Row, ...]


@dataclass(frozen=True)
class PersonAnswer:
    """One person that the identifier belongs to; None for an identifier of nobody we know.

    Attributes:
        uses: What the use gate says, per purpose of use.
        purpose: Of the one purpose of use asked about, what each identifier says.
        door: What the door of the last run says, per purpose of enrichment.
    """

    person_id: str | None
    identifiers: tuple[Row, ...]
    recipients: tuple[RecipientAnswer, ...]
    uses: tuple[Row, ...]
    purpose: tuple[IdentifierAnswer, ...]
    door: tuple[Row, ...]


@dataclass(frozen=True)
class Explanation:
    """The whole answer.

    Attributes:
        at: The moment T (UTC).
        known_at: The moment K (UTC); None for everything loaded.
        as_of: The moment of the last run, for which segments are known.
        is_known: Whether anything is known of the identifier at all.
    """

    identifier_kind: str | None
    identifier_key: str | None
    at: datetime
    known_at: datetime | None
    as_of: datetime
    is_known: bool
    persons: tuple[PersonAnswer, ...]
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
