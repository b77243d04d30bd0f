{#-
    What each person's identifiers may do at each recipient.
    Args: exit_permissions: a relation as `int_consent__exit_permissions`.
-#}
{% macro recipient_identifiers(exit_permissions) -%}
(
    with

    exit_permissions as (

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

    -- an identifier that records of several people name leaves for none of them if one is denied
    described as (

        select
            exit_permissions.recipient,
            exit_permissions.person_id,
            exit_permissions.identifier_key,
            exit_permissions.identifier_kind,
            bool_and(coalesce(exit_permissions.is_permitted, false)) over (
                partition by exit_permissions.recipient, exit_permissions.identifier_key
            ) as is_permitted,
            exit_permissions.rule_id = 'R4' as is_suppressed,
            exit_permissions.rule_id,
            exit_permissions.reason,
            exit_permissions.winning_event_id as event_id,
            -- a placeholder, a role mailbox or a shared one is nobody's address
            list_contains(recipients.identifier_kinds, exit_permissions.identifier_kind)
                and person_identifiers.is_blocked is false
                and person_identifiers.is_shared is false
                as is_usable,
            customer_profile.country,
        from exit_permissions
        inner join recipients on exit_permissions.recipient = recipients.recipient
        left join person_identifiers
            on exit_permissions.person_id = person_identifiers.person_id
            and exit_permissions.identifier_key = person_identifiers.identifier_key
        left join customer_profile on exit_permissions.person_id = customer_profile.person_id

    )

    select * from described
)
{%- endmacro %}
