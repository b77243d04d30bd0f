"""Put a question to the warehouse and gather the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from samtykke.explain.answer import Explanation, IdentifierAnswer, PersonAnswer, RecipientAnswer, Row
from samtykke.explain.asked import Candidate, read_identifier
from samtykke.explain.history import History, read_history
from samtykke.explain.warehouse import END_OF_KNOWLEDGE, Warehouse, open_warehouse
from samtykke.settings import Settings


class QuestionError(ValueError):
    """The question cannot be answered as asked; the message says what can be."""


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        identifier: As typed; it leaves this process in no form but its key.
        recipient: One of the seed ``recipients``; None for all.
        segment: One of the declared audiences; None for all.
        at: T (UTC); None for the last run's moment.
        known_at: K (UTC); None for everything loaded.
    """

    identifier: str
    recipient: str | None = None
    segment: str | None = None
    at: datetime | None = None
    known_at: datetime | None = None


def explain(settings: Settings, question: Question) -> Explanation:
    """Return why a person is in or out.

    Raises:
        UnreadableIdentifierError: What was typed is no identifier.
        QuestionError: Recipient or segment are not declared, or what was typed can be several identifiers.
        ConfigurationError: Nothing was decided yet in this home.
        HomeBusyError: A run is writing.
    """
    with open_warehouse(settings) as (connection, as_of):
        candidates = read_identifier(question.identifier, settings)
        warehouse = Warehouse(connection, question.at or as_of, question.known_at or END_OF_KNOWLEDGE)
        recipients = _declared(warehouse, question)
        found = _find(warehouse, candidates)
        persons = [found.person_id] if found.person_id else _persons(warehouse, found)
        is_now = question.at in (None, as_of) and question.known_at is None
        answers = tuple(_about(warehouse, found, person, recipients, question.segment, is_now) for person in persons)
    notes = ["Who belongs to whom is taken as resolved by the last run."]
    if not is_now:
        notes.append("Segments are known for the last run only; before it, the export ledger tells.")
    return Explanation(
        identifier_kind=found.identifier_kind,
        identifier_key=found.identifier_key,
        at=warehouse.at,
        known_at=question.known_at,
        as_of=as_of,
        is_known=found.is_known,
        persons=answers,
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class Person:
    """The one person that a question is about: None for an identifier of nobody we know."""

    warehouse: Warehouse
    person_id: str | None
    keys: tuple[str, ...]


@contextmanager
def about(settings: Settings, question: Question) -> Iterator[Person]:
    """Yield the person that an identifier belongs to, with the identifiers and the open warehouse.

    Raises:
        QuestionError: Nothing is known of the identifier, or it belongs to several people.
        UnreadableIdentifierError, ConfigurationError, HomeBusyError: As `explain`.
    """
    with open_warehouse(settings) as (connection, as_of):
        warehouse = Warehouse(connection, question.at or as_of, question.known_at or END_OF_KNOWLEDGE)
        found = _find(warehouse, read_identifier(question.identifier, settings))
        persons = [found.person_id] if found.person_id else _persons(warehouse, found)
        if not persons:
            raise QuestionError("nothing is known of this identifier")
        if len(persons) > 1:
            raise QuestionError("several people have this identifier; name one by its person_id")
        (person_id,) = persons
        owned = warehouse.identifiers_of(person_id) if person_id else []
        yield Person(warehouse, person_id, tuple(row["identifier_key"] for row in owned) or (found.identifier_key,))


def history(settings: Settings, question: Question) -> History:
    """Return the permission history of the person an identifier belongs to, as known at K.

    Raises:
        QuestionError, UnreadableIdentifierError, ConfigurationError, HomeBusyError: As `about`.
    """
    with about(settings, question) as person:
        return read_history(person.warehouse, person.person_id, person.keys, question.known_at)


@dataclass(frozen=True)
class _Found:
    identifier_kind: str | None
    identifier_key: str | None
    person_id: str | None
    is_known: bool


def _declared(warehouse: Warehouse, question: Question) -> list[Row]:
    declared = warehouse.recipients()
    names = [row["recipient"] for row in declared]
    if question.recipient is not None and question.recipient not in names:
        raise QuestionError(f"no recipient {question.recipient}; known: {', '.join(names)}")
    if question.segment is not None:
        rows = warehouse.rows("select distinct segment from reference.audiences order by segment")
        segments = [row["segment"] for row in rows]
        if question.segment not in segments:
            raise QuestionError(f"no audience of a segment {question.segment}; known: {', '.join(segments)}")
    return [row for row in declared if question.recipient in (None, row["recipient"])]


def _find(warehouse: Warehouse, candidates: Sequence[Candidate]) -> _Found:
    """The one reading that is known; the likeliest where none is."""
    for candidate in candidates:
        if candidate.person_id and (current := warehouse.current_person(candidate.person_id)):
            return _Found(None, None, current, True)
    keys = [candidate.identifier_key for candidate in candidates if candidate.identifier_key]
    kinds = {row["identifier_key"]: row["identifier_kind"] for row in warehouse.known_keys(keys)}
    known = [candidate for candidate in candidates if candidate.identifier_key in kinds]
    if len(known) > 1:
        kinds_found = ", ".join(f"{candidate.identifier_kind}:" for candidate in known)
        raise QuestionError(f"that can be several identifiers; put one of these before it: {kinds_found}")
    chosen = known[0] if known else next((one for one in candidates if one.identifier_key), None)
    if chosen is None:
        return _Found(None, None, None, False)
    kind = chosen.identifier_kind or kinds.get(chosen.identifier_key)
    return _Found(kind, chosen.identifier_key, None, bool(known))


def _persons(warehouse: Warehouse, found: _Found) -> list[str | None]:
    if not found.identifier_key:
        return []
    return list(warehouse.persons_of(found.identifier_key)) or ([None] if found.is_known else [])


def _about(
    warehouse: Warehouse,
    found: _Found,
    person_id: str | None,
    recipients: Sequence[Row],
    segment: str | None,
    is_now: bool,
) -> PersonAnswer:
    identifiers = warehouse.identifiers_of(person_id) if person_id else []
    keys = [row["identifier_key"] for row in identifiers] or [found.identifier_key]
    gates = _Gates(warehouse, found, person_id, keys, is_now)
    return PersonAnswer(
        person_id=person_id,
        identifiers=tuple(identifiers),
        recipients=tuple(gates.recipient(row, segment) for row in recipients),
        uses=tuple(warehouse.uses(person_id)) if person_id else (),
        door=tuple(warehouse.door(keys)) if is_now else (),
    )


class _Gates:
    """What the gates say of one person, read once and told per recipient."""

    def __init__(
        self, warehouse: Warehouse, found: _Found, person_id: str | None, keys: Sequence[str], is_now: bool
    ) -> None:
        self._found = found
        self._rules = warehouse.rules(keys)
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

    def _say(self, reason: str | None) -> str:
        return self._says.get((reason or "").split(":")[0], reason or "")

    def _identifier(self, row: Row, recipient: Row) -> IdentifierAnswer:
        rules = self._rules_of(row["identifier_key"], recipient)
        return IdentifierAnswer(
            identifier_key=row["identifier_key"],
            identifier_kind=row["identifier_kind"],
            is_permitted=row["is_permitted"],
            is_usable=row["is_usable"],
            state=rules[0]["state"] if rules else "unknown",
            rule_id=row["rule_id"],
            reason=row["reason"],
            statement=self._say(row["reason"]),
            rules=rules,
        )

    def _stranger(self, recipient: Row) -> tuple[IdentifierAnswer, ...]:
        """An identifier that belongs to nobody we know: what was said about it, and that it may go nowhere."""
        if self._found.identifier_kind not in recipient["identifier_kinds"] or self._people:
            return ()
        rules = self._rules_of(self._found.identifier_key, recipient)
        decides = next((rule for rule in rules if rule["decides"]), None)
        reason = decides["reason"] if decides else "silence"
        return (
            IdentifierAnswer(
                identifier_key=self._found.identifier_key,
                identifier_kind=self._found.identifier_kind,
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
        asked = [one for one in identifiers if one.identifier_key == self._found.identifier_key]
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
