with permissions as (

    select * from {{ ref('int_consent__permissions') }}
    where controller = {{ own_controller() }}

),

identifiers as (

    select
        identifier_key,
        person_id,
    from {{ ref('int_identity__person_identifiers') }}
    group by all

),

-- a shared identifier has one row per person that it belongs to
owned as (

    select
        permissions.identifier_key,
        permissions.identifier_kind,
        identifiers.person_id,
        permissions.purpose,
        permissions.channel,
        permissions.recipient,
        permissions.controller,
        permissions.state,
        permissions.is_permitted,
        permissions.rule_id,
        permissions.reason,
        permissions.winning_event_id,
        permissions.expires_at,
        nullif(permissions.valid_from, {{ beginning_of_time() }}) as valid_from,
        nullif(permissions.valid_to, {{ end_of_time() }}) as valid_to,
    from permissions
    left join identifiers
        on permissions.identifier_key = identifiers.identifier_key

)

select * from owned
