"""Put a question to the warehouse and gather the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from samtykke.explain.answer import Explanation, PersonAnswer, Row
from samtykke.explain.asked import Candidate, read_identifier
from samtykke.explain.gates import Gates, Whom
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
        purpose: A purpose of use to tell rule by rule, instead of recipients.
        at: T (UTC); None for the last run's moment.
        known_at: K (UTC); None for everything loaded.
    """

    identifier: str
    recipient: str | None = None
    segment: str | None = None
    purpose: str | None = None
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
        answers = tuple(_about(warehouse, found, person, recipients, question, is_now) for person in persons)
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
    if question.purpose is not None:
        rows = warehouse.rows("select purpose from reference.purposes where kind = 'use' order by purpose")
        purposes = [row["purpose"] for row in rows]
        if question.purpose not in purposes:
            raise QuestionError(f"no purpose of use {question.purpose}; known: {', '.join(purposes)}")
        return []
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
    question: Question,
    is_now: bool,
) -> PersonAnswer:
    identifiers = warehouse.identifiers_of(person_id) if person_id else []
    kinds = {row["identifier_key"]: row["identifier_kind"] for row in identifiers}
    kinds = kinds or {found.identifier_key: found.identifier_kind}
    whom = Whom(person_id, found.identifier_key, found.identifier_kind, kinds)
    gates = Gates(warehouse, whom, recipients, is_now=is_now)
    return PersonAnswer(
        person_id=person_id,
        identifiers=tuple(identifiers),
        recipients=tuple(gates.recipient(row, question.segment) for row in recipients),
        uses=tuple(warehouse.uses(person_id)) if person_id else (),
        purpose=gates.use(warehouse, question.purpose) if question.purpose else (),
        door=tuple(warehouse.door(whom.keys)) if is_now else (),
    )
