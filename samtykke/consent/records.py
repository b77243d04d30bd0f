"""Consent records and receipts as of ISO/IEC TS 27560:2023, in terms of the Data Privacy Vocabulary (DPV).

The fields, which of them must be there, and the DPV property of each follow the guide of the W3C's DPV community group,
"Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV" (https://w3id.org/dpv/guides/consent-27560; in the
repository w3c/dpv: guides/consent-27560.html): header, processing, parties, events. Which term a word of this warehouse
becomes is the seed ``dpv_terms``. ``consent_record.schema.json`` describes the result.

A record is what the company keeps: with ids of ledger events and keys of identifiers. A receipt is the copy for the
person: the same without either. Neither holds an identifier in clear.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from samtykke.explain.answer import Row
from samtykke.explain.question import Question, about
from samtykke.explain.warehouse import Warehouse, listed
from samtykke.settings import Settings

SCHEMA = "consent_record.schema.json"
# Purpose, channel, recipient.
Scope = tuple[str, str | None, str | None]
_CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "dct": "http://purl.org/dc/terms/",
    "loc": "https://w3id.org/dpv/loc#",
    "spdx": "http://spdx.org/rdf/terms#",
    "samtykke": "urn:samtykke:terms:",
}
_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#"
_NAMESPACE = uuid.UUID("6f0d4c0e-27d6-5c1e-9f0c-27560202300a")
_NOT_STATED = "not stated"
_BEGINNING, _END = datetime(1900, 1, 1), datetime(9999, 12, 30)


@dataclass(frozen=True)
class _Facts:
    """What a record is made of: everything about one person at (T, K)."""

    permissions: Sequence[Row]
    events: Sequence[Row]
    endings: Sequence[Row]
    purposes: Mapping[str, Row]
    recipients: Sequence[Row]
    terms: Mapping[tuple[str, str], str]
    withdrawal: Mapping[str, str]


def consent_record(settings: Settings, question: Question, *, is_receipt: bool = False) -> dict[str, Any]:
    """Return the consent record, or the receipt, of the person an identifier belongs to.

    Args:
        settings: Whose home; the controller is taken from here.
        question: Whom it is about, at which T, as known at which K.
        is_receipt: The copy for the person: without ids of events and keys of identifiers.

    Raises:
        QuestionError: Nothing is known of the identifier, or several people have it.
        UnreadableIdentifierError, ConfigurationError, HomeBusyError: As `samtykke.explain.explain`.
    """
    with about(settings, question) as person:
        facts = _read(person.warehouse, person.keys)
        at = person.warehouse.at
    principal = person.person_id or str(uuid.uuid5(_NAMESPACE, person.keys[0]))
    kind = "receipt" if is_receipt else "record"
    record_id = str(uuid.uuid5(_NAMESPACE, f"{kind} {principal} {at.isoformat()} {question.known_at}"))
    return {
        "@context": dict(_CONTEXT),
        "@type": "dpv:ConsentReceipt" if is_receipt else "dpv:ConsentRecord",
        "@id": f"urn:uuid:{record_id}",
        "dct:conformsTo": f"{_PROFILE}{kind}-eu-gdpr",
        "dct:identifier": record_id,
        "dct:created": _text(at),
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": principal},
        "dpv:hasEntity": _parties(settings, facts),
        "dpv:hasProcess": [_process(settings, facts, scope, is_receipt) for scope in _scopes(facts)],
    }


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every record and receipt fulfils."""
    return json.loads((resources.files("samtykke.consent") / SCHEMA).read_text())


def _read(warehouse: Warehouse, keys: Sequence[str]) -> _Facts:
    permissions = warehouse.rows(f"""
        select * from audit.permission_at($at, $known) where identifier_key in ({listed(keys)})
        order by purpose, channel, recipient, identifier_kind, identifier_key
    """)
    events = warehouse.rows(f"""
        with mine as (
            select identifiers.identifier_key, identifiers.controller, combinations.purpose, combinations.channel,
                combinations.recipient,
                identifiers.identifier_number * 65536 + combinations.combination_id as key_number
            from intermediate.int_consent__identifiers as identifiers
            cross join intermediate.int_consent__combinations as combinations
            where identifiers.identifier_key in ({listed(keys)})
        ),
        neutral as (
            select mine.key_number, events.seq as event_seq
            from mine
            inner join staging.stg_consent__events as events
                on mine.identifier_key = events.identifier_key and mine.controller = events.controller
                and mine.purpose = events.purpose and mine.recipient is not distinct from events.recipient
                and (mine.channel is null or coalesce(events.channel, mine.channel) = mine.channel)
            inner join reference.consent_actions as actions
                on events.action = actions.action and actions.effect = 'neutral'
        ),
        happened as (
            select acts.key_number, ranked.event_seq, acts.kind_id, null as obstacle
            from intermediate.int_consent__acts as acts
            inner join intermediate.int_consent__ranked_events as ranked on acts.event_rank = ranked.event_rank
            union all
            select key_number, event_seq, kind_id, obstacle from intermediate.int_explain__attempts
            union all
            select key_number, event_seq, null, null from neutral
        )
        select mine.purpose, mine.channel, mine.recipient, happened.obstacle, kinds.actor as acting,
            events.* exclude (purpose, channel, recipient), notices.text_sha256, notices.url,
            sources.title as source_title
        from happened
        inner join mine on happened.key_number = mine.key_number
        inner join staging.stg_consent__events as events on happened.event_seq = events.seq
        left join intermediate.int_consent__event_kinds as kinds on happened.kind_id = kinds.kind_id
        left join staging.stg_consent__notices as notices
            on events.notice_id = notices.notice_id and events.notice_version = notices.notice_version
            and events.notice_locale = notices.notice_locale
        left join reference.consent_sources as sources on events.source = sources.source
        where events.occurred_at <= $at and events.loaded_at <= $known
        order by events.occurred_at, events.seq, mine.identifier_key
    """)
    endings = warehouse.rows(f"""
        select * from intermediate.int_consent__intervals
        where identifier_key in ({listed(keys)}) and rule_id = 'R11' and valid_from <= $at
            and known_from <= $known and $known < known_to
        order by valid_from, identifier_key
    """)
    return _Facts(
        permissions,
        events,
        endings,
        {row["purpose"]: row for row in warehouse.rows("select * from reference.purposes")},
        warehouse.rows("select * from reference.recipients order by recipient"),
        {(row["kind"], row["name"]): row["term"] for row in warehouse.rows("select * from reference.dpv_terms")},
        {row["channel"]: row["method"] for row in warehouse.rows("select * from reference.withdrawal_methods")},
    )


def _scopes(facts: _Facts) -> list[Scope]:
    """Every purpose, channel and recipient about which anything was said, in order."""
    said = [_scope(row) for row in facts.permissions if row["rule_id"] != "R13"]
    said += [_scope(row) for row in facts.events]
    return sorted(set(said), key=lambda scope: tuple(part or "" for part in scope))


def _scope(row: Row) -> Scope:
    return row["purpose"], row["channel"], row["recipient"]


def _process(settings: Settings, facts: _Facts, scope: Scope, is_receipt: bool) -> dict[str, Any]:
    purpose, channel, recipient = scope
    declared = facts.purposes.get(purpose, {})
    events = [row for row in facts.events if _scope(row) == scope]
    permissions = [row for row in facts.permissions if _scope(row) == scope]
    duration = declared.get("valid_days")
    return {
        "@type": "dpv:Process",
        "dct:title": " ".join(part for part in (declared.get("title", purpose), channel, recipient) if part),
        "samtykke:purpose": purpose,
        "samtykke:channel": channel,
        "dpv:hasPurpose": facts.terms.get(("purpose", purpose), "dpv:Purpose"),
        "dpv:hasLegalBasis": sorted(
            {facts.terms.get(("basis", event["basis"] or "consent"), "dpv:LegalBasis") for event in events}
        )
        or ["dpv:Consent"],
        "dpv:hasPersonalData": [
            {"@type": "dpv:PersonalData", "dct:type": facts.terms.get(("personal_data", purpose), "dpv:PersonalData")}
        ],
        "dpv:hasDataController": settings.controller,
        "dpv:hasRecipient": [row["recipient"] for row in facts.recipients if _goes_to(row, scope)],
        "dpv:hasJurisdiction": f"loc:{settings.country}",
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageCondition",
            "dpv:hasLocation": f"loc:{settings.country}",
            "dpv:hasDuration": f"P{duration}D" if duration else "until withdrawn",
        },
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dct:description": facts.withdrawal.get(channel or "*", facts.withdrawal.get("*", _NOT_STATED)),
            "dpv:hasContact": settings.controller_contact or _NOT_STATED,
        },
        "dpv:hasNotice": _notices(events),
        "samtykke:standing": [_standing(facts, row, is_receipt) for row in permissions],
        "dpv:hasConsentStatus": [_event(facts, event, is_receipt) for event in events]
        + [_ending(facts, row, is_receipt) for row in facts.endings if _scope(row) == scope],
    }


def _goes_to(recipient: Row, scope: Scope) -> bool:
    return (recipient["purpose"], recipient["channel"], recipient["permission_recipient"]) == scope


def _notices(events: Sequence[Row]) -> list[dict[str, Any]]:
    """Each text that was shown, once."""
    shown = {
        (event["notice_id"], event["notice_version"], event["notice_locale"]): event
        for event in events
        if event["notice_id"]
    }
    return [
        {
            "@type": "dpv:ConsentNotice",
            "dct:identifier": notice_id,
            "dct:hasVersion": version or _NOT_STATED,
            "dct:language": locale or "und",
            "spdx:checksum": event["text_sha256"] and f"sha256:{event['text_sha256']}",
            "dct:source": event["url"],
        }
        for (notice_id, version, locale), event in sorted(shown.items(), key=lambda item: tuple(map(str, item[0])))
    ]


def _standing(facts: _Facts, row: Row, is_receipt: bool) -> dict[str, Any]:
    """Where one identifier stands at T, as known at K."""
    return {
        "dpv:hasConsentStatus": facts.terms.get(("state", row["state"]), "dpv:ConsentStatus"),
        "samtykke:state": row["state"],
        "samtykke:isPermitted": row["is_permitted"],
        "samtykke:rule": row["rule_id"],
        "dct:valid": _period(row["valid_from"], row["expires_at"] or row["valid_to"]),
        **_of(row, row["winning_event_id"], is_receipt),
    }


def _event(facts: _Facts, event: Row, is_receipt: bool) -> dict[str, Any]:
    """One event of the ledger: when, what, in which state it left the consent, by whom, to which text."""
    consent_type = facts.terms.get(("consent_type", event["consent_type"] or ""), "dpv:Consent")
    term = facts.terms.get(("action", event["action"]), "dpv:ConsentStatus")
    return {
        # R7: what tried to raise a permission and may not, gave none.
        "@type": "dpv:ConsentStatusInvalidForProcessing" if event["obstacle"] else term,
        "samtykke:ignored": event["obstacle"],
        "dct:date": _text(event["occurred_at"]),
        "samtykke:precision": event["occurred_precision"],
        "dct:valid": _period(event["occurred_at"], event["valid_until"]),
        "dpv:hasLegalBasis": consent_type
        if (event["basis"] or "consent") == "consent"
        else facts.terms.get(("basis", event["basis"]), "dpv:LegalBasis"),
        "dpv:isIndicatedBy": facts.terms.get(("actor", event["acting"] or event["actor"] or ""), "dpv:Entity"),
        "dpv:hasIndicationMethod": event["method"] or event["source_title"] or event["source"],
        "samtykke:action": event["action"],
        **_of(event, event["event_id"], is_receipt),
    }


def _ending(facts: _Facts, row: Row, is_receipt: bool) -> dict[str, Any]:
    """A consent that ended by itself: nobody acted, so no event of the ledger says it."""
    return {
        "@type": facts.terms.get(("state", row["state"]), "dpv:ConsentExpired"),
        "samtykke:ignored": None,
        "dct:date": _text(row["valid_from"]),
        "samtykke:precision": "exact",
        "dct:valid": _period(row["valid_from"], row["valid_to"]),
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:isIndicatedBy": "dpv:DataController",
        "dpv:hasIndicationMethod": row["reason"],
        "samtykke:action": row["state"],
        **_of(row, row["winning_event_id"], is_receipt),
    }


def _of(row: Row, event_id: str | None, is_receipt: bool) -> dict[str, Any]:
    """Whose identifier: for the person its kind is enough, the company keeps key and event."""
    told: dict[str, Any] = {"samtykke:identifierKind": row["identifier_kind"]}
    if not is_receipt:
        told |= {"samtykke:identifierKey": row["identifier_key"], "samtykke:event": event_id}
    return told


def _parties(settings: Settings, facts: _Facts) -> list[dict[str, Any]]:
    controller = {
        "@type": "dpv:DataController",
        "dct:identifier": settings.controller,
        "dpv:hasName": settings.controller_name or settings.controller,
        "dpv:hasAddress": settings.controller_address or _NOT_STATED,
        "dpv:hasContact": settings.controller_contact or _NOT_STATED,
    }
    recipients = [
        {
            "@type": facts.terms.get(("role", row["role"]), "dpv:Recipient"),
            "dct:identifier": row["recipient"],
            "dpv:hasName": row["title"],
            "dpv:hasAddress": _NOT_STATED,
            "dpv:hasContact": _NOT_STATED,
        }
        for row in facts.recipients
    ]
    return [controller, *recipients]


def _period(start: datetime | None, end: datetime | None) -> str:
    """An interval of ISO 8601 (DCMI Period in one string); an open side is two dots."""
    first = _text(start) if start and start > _BEGINNING else ".."
    last = _text(end) if end and end < _END else ".."
    return f"{first}/{last}"


def _text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"
