"""What each entity's checked rows become: columns of ``raw.<entity>`` as SQL over table ``ready``.

``ready`` holds the contract's typed columns, per identifier ``<column>__key`` and ``<column>__kind``, and ``extra``.
"""

from __future__ import annotations


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _keyed(kind: str, *parts: str) -> str:
    """The SQL of a key over a business id."""
    return f"identifier_key('{kind}', " + " || chr(31) || ".join(parts) + ")"


# A contact without an id of its own is recognised by its identifiers; which one, in a fixed order.
_CONTACT = (
    "case when contact_id__value is not null then 'id' || chr(31) || contact_id__value "
    "when email__value is not null then 'email' || chr(31) || email__value "
    "when phone__value is not null then 'phone' || chr(31) || phone__value "
    "else nickname__kind || chr(31) || nickname__value end"
)
TEXT_KEYS: dict[str, str] = {
    "messages": _keyed("text", "'messages'", "source", "conversation_id", "message_id"),
    "social_posts": _keyed("text", "'social_posts'", "source", "post_id"),
    "social_profiles": _keyed("text", "'social_profiles'", "source", "handle__key"),
}
# Where the free text of an entity that has a text key stands.
TEXTS = {"messages": "text", "social_posts": "text", "social_profiles": "bio"}
_PAGE_VIEW = "cookie_id__key || chr(31) || occurred_at::varchar || chr(31) || url || chr(31) || coalesce(referrer, '')"

RECORD_KEYS: dict[str, str] = {
    "contacts": _keyed("record", "'contacts'", "source", _CONTACT),
    "social_profiles": _keyed("record", "'social_profiles'", "source", "handle__kind", "handle__value"),
}

TARGETS: dict[str, dict[str, str]] = {
    "contacts": {
        "record_key": RECORD_KEYS["contacts"],
        "source": "source",
        "crm_key": "contact_id__key",
        "crm_kind": "contact_id__kind",
        "email_key": "email__key",
        "phone_key": "phone__key",
        "nickname_key": "nickname__key",
        "nickname_kind": "nickname__kind",
        **_same("country", "language", "birth_date"),
        "has_name": "coalesce(trim(first_name), trim(last_name), '') <> ''",
        "has_address": "coalesce(street, postal_code, city) is not null",
        **_same("created_at", "updated_at"),
    },
    "consent_events": {
        "event_id": _keyed("event", "source", "source_event_id"),
        "source": "source",
        "identifier_kind": "identifier__kind",
        "identifier_key": "identifier__key",
        "purpose": "lower(purpose)",
        "channel": "channel",
        "recipient": "lower(recipient)",
        **_same("action", "basis", "consent_type", "is_default", "actor"),
        "method": "clean_text(method)",
        **_same("notice_id", "notice_version", "notice_locale", "occurred_at", "occurred_precision", "recorded_at"),
        "valid_until": "valid_until",
        "raw_kind": "clean_text(raw_kind)",
        "raw_value": "clean_signal(raw_kind, raw_value)",
        "evidence_uri": "clean_url(evidence_uri)",
        **_same("evidence_sha256", "signal", "said"),
    },
    "declared_interests": {
        "source": "source",
        "identifier_kind": "identifier__kind",
        "identifier_key": "identifier__key",
        **_same("interests", "dislikes", "declared_at"),
    },
    "notices": {
        **_same("notice_id", "version", "locale", "text"),
        "text_sha256": "sha256(text)",
        "url": "url",
        "purposes": "list_transform(purposes, lambda x: lower(x))",
        "recipients": "list_transform(coalesce(recipients, []), lambda x: lower(x))",
        **_same("effective_from", "material_change"),
        "grace_days": "grace_days::integer",
    },
    "suppressions": {
        "list_id": "list_id",
        "identifier_kind": "coalesce(identifier__kind, lower(identifier_kind))",
        "identifier_key": "identifier__key",
        "hash_algorithm": "hash",
        "hashed_value": "case when hash is not null then lower(identifier) end",
        **_same("channel", "country", "valid_from", "valid_to", "snapshot_at"),
    },
    "social_profiles": {
        "record_key": RECORD_KEYS["social_profiles"],
        "source": "source",
        "platform": "split_part(handle__kind, ':', 2)",
        "handle_key": "handle__key",
        "crm_key": "contact_id__key",
        "email_key": "email__key",
        "phone_key": "phone__key",
        "bio_key": f"case when bio is not null then {TEXT_KEYS['social_profiles']} end",
        **_same("language", "followers"),
        "is_verified": "verified",
        "observed_at": "observed_at",
    },
    "social_posts": {
        "source": "source",
        "post_key": _keyed("post", "source", "post_id"),
        "platform": "split_part(handle__kind, ':', 2)",
        "handle_key": "handle__key",
        "kind": "kind",
        "text_key": TEXT_KEYS["social_posts"],
        "language": "language",
        "reply_to_key": _keyed("post", "source", "reply_to"),
        "posted_at": "posted_at",
    },
    "social_edges": {
        "source": "source",
        "platform": "split_part(from_handle__kind, ':', 2)",
        "from_handle_key": "from_handle__key",
        "to_handle_key": "to_handle__key",
        **_same("kind", "observed_at"),
    },
    "page_views": {
        "event_id": "clean_id(event_id)",
        "source": "source",
        "cookie_key": "cookie_id__key",
        "session_id": "clean_id(session_id)",
        "occurred_at": "occurred_at",
        "url": "clean_url(url)",
        "referrer": "clean_url(referrer)",
        "user_agent": "clean_text(user_agent)",
        "login_kind": "login_identifier__kind",
        "login_key": "login_identifier__key",
        "share_id": "clean_id(share_id)",
        "extra": "extra::json",
    },
    "email_events": {
        "event_id": "clean_id(event_id)",
        "message_id": "clean_id(message_id)",
        "campaign_id": "clean_id(campaign_id)",
        "topic": "clean_text(topic)",
        "email_key": "email__key",
        "event_type": "event_type",
        "url": "clean_url(url)",
        "user_agent": "clean_text(user_agent)",
        "occurred_at": "occurred_at",
    },
    "products": _same("product_id", "name", "category", "subcategory", "brand", "price", "currency"),
    "orders": {
        "source": "source",
        "order_id": "clean_id(order_id)",
        "crm_key": "contact_id__key",
        "crm_kind": "contact_id__kind",
        "email_key": "email__key",
        "phone_key": "phone__key",
        **_same("ordered_at", "status", "currency", "total", "country"),
    },
    "order_lines": {
        "source": "source",
        "order_id": "clean_id(order_id)",
        "line_id": "clean_id(line_id)",
        "product_id": "product_id",
        "description": "clean_text(description)",
        **_same("quantity", "unit_price", "returned_quantity", "label"),
    },
    "conversations": {
        "source": "source",
        "conversation_id": "clean_id(conversation_id)",
        "channel": "lower(channel)",
        "identifier_kind": "identifier__kind",
        "identifier_key": "identifier__key",
        **_same("opened_at", "closed_at"),
        "topic": "clean_text(topic)",
    },
    "messages": {
        "source": "source",
        "conversation_id": "clean_id(conversation_id)",
        "message_id": "clean_id(message_id)",
        "author_kind": "author_kind",
        "text_key": f"case when text is not null then {TEXT_KEYS['messages']} end",
        "sent_at": "sent_at",
    },
    "shares": {
        "share_id": "clean_id(share_id)",
        "parent_share_id": "clean_id(parent_share_id)",
        "identifier_kind": "identifier__kind",
        "identifier_key": "identifier__key",
        "channel": "lower(channel)",
        "url": "clean_url(url)",
        "created_at": "created_at",
    },
    "platform_reports": {
        "recipient": "lower(recipient)",
        "audience": "audience",
        "report_date": "report_date",
        **_same("received", "invalid", "matched_low", "matched_high", "reach"),
        "definition": "definition",
    },
}

# Where a column of the target may be blank in the source: what stands in for it. Asked for only when needed, since
# telling equal rows of one file apart by their order takes a sort.
FALLBACKS: dict[str, dict[str, str]] = {
    "page_views": {
        "event_id": f"identifier_key('page_view', {_PAGE_VIEW} || chr(31) || "
        f"row_number() over (partition by {_PAGE_VIEW} order by line_number))"
    }
}
