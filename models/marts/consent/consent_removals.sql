{{ config(tags=['after_export']) }}

with

obligations as (

    select * from {{ ref('obligations') }}
    where duty = 'remove'

),

deliveries as (

    select build_id, requested_at, from {{ ref('deliveries') }}

),

-- one end of a permission at one recipient, over all segments: done when the last has left
ended as (

    select
        obligations.recipient,
        obligations.identifier_key,
        obligations.person_id,
        obligations.cause,
        obligations.deciding_event_id,
        obligations.caused_at,
        obligations.known_at,
        count(*) as segments,
        sum(obligations.sent_while_denied)::bigint as sent_while_denied,
        bool_and(obligations.is_in_time) as is_in_time,
        bool_and(obligations.status = 'met') as is_removed,
        case when bool_and(obligations.status = 'met') then max(obligations.met_at) end as acknowledged_at,
        case when bool_and(deliveries.requested_at is not null) then max(deliveries.requested_at) end as requested_at,
        min(obligations.due_at) as due_at,
    from obligations
    left join deliveries on obligations.build_id = deliveries.build_id
    group by all

),

timed as (

    select
        recipient,
        identifier_key,
        person_id,
        cause,
        deciding_event_id,
        cause = 'expires_before_next_run' as is_planned,
        segments,
        sent_while_denied,
        is_removed,
        is_in_time,
        round(date_diff('second', known_at, acknowledged_at) / 3600, 2) as hours_from_known,
        round(date_diff('second', caused_at, acknowledged_at) / 3600, 2) as hours_from_end,
        caused_at as ended_at,
        known_at,
        requested_at,
        acknowledged_at,
        due_at,
    from ended

)

select * from timed
