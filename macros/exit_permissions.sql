{#-
    What may leave to each recipient: the identifier's own permission, and no no of anybody it is linked to.
    Args: permissions and denials: relations, both of one (T, K).
-#}
{% macro exit_permissions(permissions, denials) -%}
(
    with identifiers as (

        select
            person_id,
            identifier_key,
            identifier_kind,
            not is_blocked and not is_shared as may_grant,
        from {{ ref('int_identity__person_identifiers') }}

    ),

    links as (

        select * from {{ ref('int_identity__person_links') }}

    ),

    recipients as (

        select
            recipient,
            permission_recipient,
            purpose,
            channel,
            string_split(identifier_kinds, ';') as identifier_kinds,
            string_split(signal_purposes, ';') as signal_purposes,
        from {{ ref('recipients') }}

    ),

    permissions as (

        select * from {{ signalled_permissions(permissions, 'recipients') }}

    ),

    denials as (

        select * from {{ denials }}

    ),

    asked as (

        select
            identifiers.identifier_key,
            identifiers.identifier_kind,
            identifiers.person_id,
            identifiers.may_grant,
            recipients.* exclude (identifier_kinds, signal_purposes),
        from identifiers
        inner join recipients
            on list_contains(recipients.identifier_kinds, identifiers.identifier_kind)

    ),

    -- withdrawals travel over every link: the first no that any identifier of the person holds
    person_denials as (

        select
            links.person_id,
            recipients.recipient,
            denials.state,
            denials.rule_id,
            denials.winning_event_id,
        from denials
        inner join recipients
            on
                (denials.purpose = recipients.purpose or list_contains(recipients.signal_purposes, denials.purpose))
                and denials.channel = recipients.channel
                and denials.recipient is not distinct from recipients.permission_recipient
        inner join links
            on denials.identifier_key = links.identifier_key
        qualify row_number() over (
            partition by links.person_id, recipients.recipient
            order by denials.valid_from, denials.rule_id, denials.winning_event_id, denials.identifier_key
        ) = 1

    ),

    -- grants travel over no link: the identifier's own permission, if it is nobody else's, and no no of the person
    decided as (

        select
            asked.identifier_key,
            asked.identifier_kind,
            asked.person_id,
            asked.recipient,
            asked.purpose,
            asked.channel,
            coalesce(permissions.is_permitted and asked.may_grant and person_denials.person_id is null, false) as is_permitted,
            case
                when permissions.is_permitted and not asked.may_grant then 'unknown'
                when permissions.is_permitted and person_denials.person_id is not null then person_denials.state
                else coalesce(permissions.state, 'unknown')
            end as state,
            case
                when permissions.is_permitted and not asked.may_grant then 'R13'
                when permissions.is_permitted and person_denials.person_id is not null then person_denials.rule_id
                else coalesce(permissions.rule_id, 'R13')
            end as rule_id,
            case
                when permissions.is_permitted and not asked.may_grant then 'identifier_shared'
                when permissions.is_permitted and person_denials.person_id is not null then 'denied_for_the_person'
                else coalesce(permissions.reason, 'silence')
            end as reason,
            case
                when permissions.is_permitted and not asked.may_grant then null
                when permissions.is_permitted and person_denials.person_id is not null then person_denials.winning_event_id
                else permissions.winning_event_id
            end as winning_event_id,
            permissions.expires_at,
        from asked
        left join permissions
            on
                asked.identifier_key = permissions.identifier_key
                and asked.recipient = permissions.recipient
        left join person_denials
            on asked.person_id = person_denials.person_id and asked.recipient = person_denials.recipient

    )

    select * from decided
)
{%- endmacro %}
