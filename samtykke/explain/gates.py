"""What the gates say of one person, told per recipient and per purpose; every word of it is read from SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from samtykke.explain.answer import IdentifierAnswer, RecipientAnswer, Row
from samtykke.explain.warehouse import Warehouse


@dataclass(frozen=True)
class Whom:
    """Whom the gates are asked about.

    Attributes:
        person_id: None for an identifier of nobody we know.
        asked_key: The identifier that the question named; None where it named a person.
        asked_kind: Its kind.
        kinds: The kind of every identifier of the person, by key.
    """

    person_id: str | None
    asked_key: str | None
    asked_kind: str | None
    kinds: Mapping[str, str | None]

    @property
    def keys(self) -> list[str]:
        return list(self.kinds)


class Gates:
    """What the gates say of one person, read once and told per recipient."""

    def __init__(self, warehouse: Warehouse, whom: Whom, recipients: Sequence[Row], *, is_now: bool) -> None:
        person_id, keys = whom.person_id, whom.keys
        self._whom = whom
        taken = {kind for row in recipients for kind in row["identifier_kinds"]}
        self._rules = warehouse.rules([key for key, kind in whom.kinds.items() if kind in taken])
        self._denials = warehouse.denials(keys)
        self._exports = warehouse.exports(keys)
        self._notices = warehouse.naming_notices()
        self._says = warehouse.statements()
        self._people = {row["recipient"]: row for row in warehouse.at_recipients(person_id)} if person_id else {}
        self._identifiers = warehouse.identifiers_at_recipients(person_id) if person_id else []
        self._segments = warehouse.segments(person_id) if person_id and is_now else []

    def recipient(self, recipient: Row, segment: str | None) -> RecipientAnswer:
        name = recipient["recipient"]
        asked = [row for row in self._identifiers if row["recipient"] == name]
        identifiers = tuple(self._identifier(row, recipient) for row in asked) or self._stranger(recipient)
        person = self._people.get(name)
        permitted = bool(person and person["is_permitted"] and person["is_addressable"])
        chosen = self._chosen(identifiers, person, permitted)
        state, rule_id, reason = "unknown", "R13", "no_identifier"
        if chosen is not None:
            state, rule_id, reason = chosen.state, chosen.rule_id, chosen.reason
        if person and person["is_permitted"] and not permitted:
            reason = "no_usable_identifier"
        denials = tuple(row for row in self._denials if _covers(row, recipient))
        return RecipientAnswer(
            recipient=name,
            title=recipient["title"],
            purpose=recipient["purpose"],
            channel=recipient["channel"],
            permission_recipient=recipient["permission_recipient"],
            is_permitted=permitted,
            state=state,
            rule_id=rule_id,
            reason=reason,
            statement=self._say(reason),
            deciding=_deciding(chosen, denials),
            identifiers=identifiers,
            linked_denials=denials,
            segments=tuple(
                {**row, "statement": self._say(row["reason"])}
                for row in self._segments
                if row["recipient"] == name and segment in (None, row["segment"])
            ),
            exports=tuple(
                row for row in self._exports if row["recipient"] == name and segment in (None, row["segment"])
            ),
            named_by=tuple(row for row in self._notices if _names(row, recipient)),
        )

    def use(self, warehouse: Warehouse, purpose: str) -> tuple[IdentifierAnswer, ...]:
        """Return what each identifier about which anything was said tells of a purpose of use."""
        answers = []
        for key, kind in self._whom.kinds.items():
            rules = tuple(
                row
                for row in warehouse.rules([key])
                if row["purpose"] == purpose and row["channel"] is None and row["recipient"] is None
            )
            decides = next((rule for rule in rules if rule["decides"]), None)
            if decides:
                answers.append(
                    IdentifierAnswer(
                        key,
                        kind or "",
                        decides["is_permitted"],
                        True,
                        decides["state"],
                        decides["rule_id"],
                        decides["reason"],
                        self._say(decides["reason"]),
                        rules,
                    )
                )
        return tuple(answers)

    def _say(self, reason: str | None) -> str:
        return self._says.get((reason or "").split(":")[0], reason or "")

    def _identifier(self, row: Row, recipient: Row) -> IdentifierAnswer:
        rules = self._rules_of(row["identifier_key"], recipient)
        return IdentifierAnswer(
            identifier_key=row["identifier_key"],
            identifier_kind=row["identifier_kind"],
            is_permitted=row["is_permitted"],
            is_usable=row["is_usable"] and not row["is_replaced"],
            state=rules[0]["state"] if rules else "unknown",
            rule_id=row["rule_id"],
            reason=row["reason"],
            statement=self._say(row["reason"]),
            rules=rules,
        )

    def _stranger(self, recipient: Row) -> tuple[IdentifierAnswer, ...]:
        """An identifier that belongs to nobody we know: what was said about it, and that it may go nowhere."""
        if self._whom.asked_kind not in recipient["identifier_kinds"] or self._people:
            return ()
        rules = self._rules_of(self._whom.asked_key, recipient)
        decides = next((rule for rule in rules if rule["decides"]), None)
        reason = decides["reason"] if decides else "silence"
        return (
            IdentifierAnswer(
                identifier_key=self._whom.asked_key,
                identifier_kind=self._whom.asked_kind,
                is_permitted=False,
                is_usable=False,
                state=rules[0]["state"] if rules else "unknown",
                rule_id=decides["rule_id"] if decides else "R13",
                reason=reason,
                statement=self._say(reason),
                rules=rules,
            ),
        )

    def _rules_of(self, key: str, recipient: Row) -> tuple[Row, ...]:
        return tuple(row for row in self._rules if row["identifier_key"] == key and _covers(row, recipient))

    def _chosen(
        self, identifiers: Sequence[IdentifierAnswer], person: Row | None, permitted: bool
    ) -> IdentifierAnswer | None:
        """The identifier whose word is the person's: one that permits, else the one asked about, else the gate's."""
        if permitted:
            return next((one for one in identifiers if one.is_permitted and one.is_usable), None)
        asked = [one for one in identifiers if one.identifier_key == self._whom.asked_key]
        if asked:
            return asked[0]
        refusal = (person["rule_id"], person["refusal_reason"]) if person else None
        named = [one for one in identifiers if (one.rule_id, one.reason) == refusal]
        return (named or list(identifiers) or [None])[0]


def _covers(row: Row, recipient: Row) -> bool:
    asked = (recipient["purpose"], recipient["channel"], recipient["permission_recipient"])
    return (row["purpose"], row["channel"], row["recipient"]) == asked


def _names(notice: Row, recipient: Row) -> bool:
    named = recipient["permission_recipient"]
    return recipient["purpose"] in notice["purposes"] and (named is None or named in notice["recipients"])


def _deciding(chosen: IdentifierAnswer | None, denials: Sequence[Row]) -> Row | None:
    if chosen is None:
        return None
    if chosen.reason == "denied_for_the_person":
        return next((row for row in denials if row["rule_id"] == chosen.rule_id), denials[0] if denials else None)
    return next((row for row in chosen.rules if row["decides"]), None)
