"""The input contracts: one per entity, as data. They are what users' files promise and what the loader checks.

The column names are public (see docs/reference of the landing folder); extend freely, change only with a note.
"""

from __future__ import annotations

from samtykke.sources.columns import Contract, Identifier
from samtykke.sources.columns import columns as _columns

IDENTIFIER_KINDS = ("email", "phone", "crm_id", "shop_customer_id", "cookie", "mobile_ad_id")

_EMAIL, _PHONE = Identifier("email", "email"), Identifier("phone", "phone", region="country")
_CONTACT = Identifier("contact_id", "crm_id")
_NAMED = Identifier("identifier", kind_column="identifier_kind")

_ALL = (
    Contract(
        "contacts",
        _columns("""
            source token =unnamed
            contact_id identifier
            email identifier
            phone identifier
            first_name text vault
            last_name text vault
            nickname identifier
            nickname_site token
            country country
            language language
            birth_date date
            street text vault
            postal_code text vault
            city text vault
            created_at time
            updated_at time
        """),
        (_CONTACT, _EMAIL, _PHONE, Identifier("nickname", "nickname", scope="nickname_site")),
        one_of=("contact_id", "email", "phone", "nickname"),
    ),
    Contract(
        "consent_events",
        _columns("""
            source* token
            source_event_id* token vault
            identifier_kind* token
            identifier* identifier
            purpose* token derived
            channel enum (@channels)
            recipient token
            action* enum derived (@actions)
            basis enum (consent soft_opt_in legitimate_interest contract legal_obligation)
            consent_type enum (explicit expressed implied none)
            is_default boolean =false
            actor enum (subject guardian agent controller authority system)
            method token
            notice_id token
            notice_version token
            notice_locale token
            occurred_at* time derived
            occurred_precision enum =exact (exact day unknown)
            recorded_at time
            valid_until time open
            raw_kind token
            raw_value text
            evidence_uri url
            evidence_sha256 token
        """),
        (_NAMED,),
        one_of=("identifier",),
    ),
    Contract(
        "declared_interests",
        _columns("""
            source* token
            identifier_kind* token
            identifier* identifier
            interests list
            dislikes list
            declared_at* time
        """),
        (_NAMED,),
        one_of=("identifier",),
    ),
    Contract(
        "notices",
        _columns("""
            notice_id* token
            version* token
            locale* language
            text* text
            url url
            purposes* list
            recipients list
            effective_from* time
            material_change boolean =false
            grace_days integer
        """),
    ),
    Contract(
        "suppressions",
        _columns("""
            list_id* token
            identifier_kind* token
            identifier* identifier
            hash enum (sha256 sha1 md5)
            channel enum (@channels)
            country country
            valid_from time
            valid_to time open
            snapshot_at* time
        """),
        (_NAMED,),
        one_of=("identifier",),
    ),
    Contract(
        "social_profiles",
        _columns("""
            source* token
            platform* token
            handle* identifier
            contact_id identifier
            email identifier
            phone identifier
            display_name text vault
            bio text vault
            language language
            url url vault
            followers integer
            verified boolean
            observed_at* time
        """),
        (Identifier("handle", "handle", scope="platform"), _CONTACT, _EMAIL, Identifier("phone", "phone")),
        one_of=("handle",),
        social=True,
    ),
    Contract(
        "social_posts",
        _columns("""
            source* token
            post_id* token vault
            platform* token
            handle* identifier
            kind enum =post (post status comment review share)
            text* text vault
            language language
            reply_to token vault
            url url vault
            posted_at* time
        """),
        (Identifier("handle", "handle", scope="platform"),),
        one_of=("handle",),
        social=True,
    ),
    Contract(
        "social_edges",
        _columns("""
            source* token
            platform* token
            from_handle* identifier
            to_handle* identifier
            kind enum =follows (follows mentions replies shares)
            observed_at* time
        """),
        (
            Identifier("from_handle", "handle", scope="platform"),
            Identifier("to_handle", "handle", scope="platform"),
        ),
        one_of=("from_handle",),
        social=True,
    ),
    Contract(
        "page_views",
        _columns("""
            event_id token
            source token
            cookie_id* identifier
            session_id token
            occurred_at* time
            url* url
            referrer url
            user_agent text
            login_kind token
            login_identifier identifier
            share_id token
            ip token vault
        """),
        (Identifier("cookie_id", "cookie"), Identifier("login_identifier", kind_column="login_kind")),
        one_of=("cookie_id",),
    ),
    Contract(
        "email_events",
        _columns("""
            event_id* token
            message_id token
            campaign_id token
            topic text
            email* identifier
            event_type* enum (@email_events)
            url url
            user_agent text
            occurred_at* time
        """),
        (_EMAIL,),
        one_of=("email",),
    ),
    Contract(
        "products",
        _columns("""
            product_id* token
            name* text
            category text
            subcategory text
            brand text
            price decimal
            currency currency
        """),
    ),
    Contract(
        "orders",
        _columns("""
            source* token
            order_id* token
            contact_id identifier
            email identifier
            phone identifier
            ordered_at* time
            status token
            currency currency
            total decimal
            country country
        """),
        (_CONTACT, _EMAIL, _PHONE),
    ),
    Contract(
        "order_lines",
        _columns("""
            source* token
            order_id* token
            line_id* token
            product_id token
            description text
            quantity* decimal
            unit_price* decimal
            returned_quantity decimal
            label enum (cancellation not_a_product no_price no_quantity)
        """),
    ),
    Contract(
        "conversations",
        _columns("""
            source* token
            conversation_id* token
            channel* token
            identifier_kind token
            identifier identifier
            opened_at* time
            closed_at time
            topic text
        """),
        (_NAMED,),
    ),
    Contract(
        "messages",
        _columns("""
            source* token
            conversation_id* token
            message_id* token
            author_kind* enum (customer agent bot)
            text text vault
            sent_at* time
        """),
    ),
    Contract(
        "shares",
        _columns("""
            share_id* token
            parent_share_id token
            identifier_kind token
            identifier identifier
            channel token
            url* url
            created_at* time
        """),
        (_NAMED,),
    ),
    Contract(
        "platform_reports",
        _columns("""
            recipient* token
            audience* token
            report_date* date
            received integer
            invalid integer
            matched_low integer
            matched_high integer
            reach integer
            definition text
        """),
    ),
)

ENTITIES: dict[str, Contract] = {contract.entity: contract for contract in _ALL}
