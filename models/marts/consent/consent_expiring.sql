with

permissions as (

    select * from {{ ref('int_consent__permissions') }}
    where
        controller = {{ own_controller() }}
        and is_permitted
        and valid_to <= {{ as_of() }} + to_days({{ var('consent_expiring_days') }})

),

intervals as (

    select * from {{ ref('int_consent__intervals') }}
    where known_from <= {{ latest_known() }} and {{ latest_known() }} < known_to

),

person_identifiers as (

    select person_id, identifier_key, from {{ ref('int_identity__person_identifiers') }}

),

held_identifiers as (

    select recipient, identifier_key, from {{ source('ledger', 'held_identifiers') }}

),

recipients as (

    select * from {{ ref('recipients') }}

),

-- what follows says why it ends; another permission that follows is no end
followed as (

    select
        permissions.identifier_key,
        permissions.identifier_kind,
        permissions.purpose,
        permissions.channel,
        permissions.recipient,
        permissions.controller,
        permissions.winning_event_id as granting_event_id,
        intervals.state as becomes,
        intervals.reason as ends_by,
        permissions.valid_to as ends_at,
    from permissions
    inner join intervals
        on permissions.identifier_key = intervals.identifier_key
        and permissions.purpose = intervals.purpose
        and permissions.channel is not distinct from intervals.channel
        and permissions.recipient is not distinct from intervals.recipient
        and permissions.controller = intervals.controller
        and permissions.valid_to = intervals.valid_from
    where not intervals.is_permitted

),

-- who would have to give it back
holders as (

    select
        held_identifiers.identifier_key,
        recipients.purpose,
        recipients.channel,
        recipients.permission_recipient,
        list(distinct held_identifiers.recipient order by held_identifiers.recipient) as held_by,
    from held_identifiers
    inner join recipients on held_identifiers.recipient = recipients.recipient
    group by held_identifiers.identifier_key, recipients.purpose, recipients.channel, recipients.permission_recipient

),

expiring as (

    select
        followed.identifier_key,
        followed.identifier_kind,
        person_identifiers.person_id,
        followed.purpose,
        followed.channel,
        followed.recipient,
        followed.controller,
        followed.granting_event_id,
        followed.becomes,
        followed.ends_by,
        date_diff('day', {{ as_of() }}, followed.ends_at) as days_left,
        coalesce(holders.held_by, []) as held_by,
        cast(date_trunc('week', followed.ends_at) as date) as ends_in_week,
        followed.ends_at,
    from followed
    left join person_identifiers on followed.identifier_key = person_identifiers.identifier_key
    left join holders
        on followed.identifier_key = holders.identifier_key
        and followed.purpose = holders.purpose
        and followed.channel is not distinct from holders.channel
        and followed.recipient is not distinct from holders.permission_recipient

)

select * from expiring
