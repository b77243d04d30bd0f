with

held_identifiers as (

    select * from {{ source('ledger', 'held_identifiers') }}

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}

),

segment_permissions as (

    select * from {{ ref('segment_permissions') }}

),

-- permitted while it is for somebody whose identifier it is today; the last refusal tells what ended it
stood as (

    select
        held_identifiers.recipient,
        held_identifiers.segment,
        held_identifiers.identifier_key,
        min_by(
            recipient_identifiers.person_id,
            {not_permitted: not coalesce(segment_permissions.is_permitted, false), person_id: recipient_identifiers.person_id}
        ) as person_id,
        bool_or(
            coalesce(recipient_identifiers.is_permitted, false)
            and coalesce(recipient_identifiers.is_usable, false)
            and coalesce(segment_permissions.is_permitted, false)
        ) as is_permitted,
        -- every permission that is left ends before the next run
        not bool_or(
            coalesce(recipient_identifiers.is_permitted, false)
            and coalesce(recipient_identifiers.is_usable, false)
            and coalesce(segment_permissions.is_permitted, false)
            and recipient_identifiers.ends_at is null
            and segment_permissions.ends_at is null
        ) as is_over_soon,
        min(
            case
                when not recipient_identifiers.is_permitted then recipient_identifiers.event_id
                when not segment_permissions.is_permitted then segment_permissions.event_id
            end
        ) as ending_event_id,
    from held_identifiers
    left join recipient_identifiers
        on held_identifiers.recipient = recipient_identifiers.recipient
        and held_identifiers.identifier_key = recipient_identifiers.identifier_key
    left join segment_permissions
        on held_identifiers.segment = segment_permissions.segment
        and recipient_identifiers.person_id = segment_permissions.person_id
    group by held_identifiers.recipient, held_identifiers.segment, held_identifiers.identifier_key

)

select
    recipient,
    segment,
    identifier_key,
    person_id,
    is_permitted,
    is_permitted and is_over_soon as is_ending,
    case when not is_permitted then ending_event_id end as event_id,
from stood
