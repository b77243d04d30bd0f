{#-
    What each person's identifiers may do at each recipient.
    Args:
        exit_permissions: a relation as `int_consent__exit_permissions`.
        is_stored: whether it is a table, which costs less to read twice than to keep once.
-#}
{% macro recipient_identifiers(exit_permissions, is_stored=false) -%}
(
    with

    exit_permissions as {{ 'not materialized' if is_stored }} (

        select * from {{ exit_permissions }}

    ),

    person_identifiers as (

        select * from {{ ref('int_identity__person_identifiers') }}

    ),

    customer_profile as (

        select person_id, country, from {{ ref('customer_profile') }}

    ),

    recipients as (

        select recipient, string_split(identifier_kinds, ';') as identifier_kinds, from {{ ref('recipients') }}

    ),

    -- An identifier that records of several people name leaves for none of them if one is denied. Few are named by several:
    -- those are found by a short number first, because to sort all of them by their long keys costs more than all else here.
    several as (

        select hash(identifier_key) as key_hash, from exit_permissions
        group by key_hash
        having min(person_id) <> max(person_id)

    ),

    refused_to_one as (

        select exit_permissions.recipient, exit_permissions.identifier_key, from exit_permissions
        semi join several on hash(exit_permissions.identifier_key) = several.key_hash
        where not coalesce(exit_permissions.is_permitted, false)
        group by exit_permissions.recipient, exit_permissions.identifier_key

    ),

    described as (

        select
            exit_permissions.recipient,
            exit_permissions.person_id,
            exit_permissions.identifier_key,
            exit_permissions.identifier_kind,
            coalesce(exit_permissions.is_permitted, false) and refused_to_one.identifier_key is null as is_permitted,
            exit_permissions.rule_id = 'R4' as is_suppressed,
            exit_permissions.rule_id,
            exit_permissions.reason,
            exit_permissions.winning_event_id as event_id,
            -- a placeholder, a role mailbox or a shared one is nobody's address
            list_contains(recipients.identifier_kinds, exit_permissions.identifier_kind)
                and person_identifiers.is_blocked is false
                and person_identifiers.is_shared is false
                as is_usable,
            coalesce(person_identifiers.is_replaced, false) as is_replaced,
            customer_profile.country,
        from exit_permissions
        inner join recipients on exit_permissions.recipient = recipients.recipient
        left join person_identifiers
            on exit_permissions.person_id = person_identifiers.person_id
            and exit_permissions.identifier_key = person_identifiers.identifier_key
        left join refused_to_one
            on exit_permissions.recipient = refused_to_one.recipient
            and exit_permissions.identifier_key = refused_to_one.identifier_key
        left join customer_profile on exit_permissions.person_id = customer_profile.person_id

    )

    select * from described
)
{%- endmacro %}
