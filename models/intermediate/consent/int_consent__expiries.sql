with events as (

    select * from {{ ref('int_consent__asserted_events') }}

),

purposes as (

    select * from {{ ref('purposes') }}

),

uses as (

    select * from {{ ref('int_consent__uses') }}

),

-- an imprecise grant lasts from its earliest moment, so that it ends early rather than late
grants as (

    select
        events.event_id,
        events.identifier_key,
        events.purpose,
        events.channel,
        events.earliest_at,
        events.valid_until,
        events.earliest_at + to_days(purposes.valid_days) as purpose_ends_at,
        purposes.lapse_after_unused_days,
        case when events.earliest_at < purposes.policy_changed_at then purposes.policy_changed_at end as policy_ends_at,
    from events
    inner join purposes
        on events.purpose = purposes.purpose
    where events.effect = 'positive' and events.obstacle is null

),

-- a use that comes before the permission lapsed prolongs it; one that comes after brings nothing back
used as (

    select
        grants.*,
        case
            when uses.first_used_at < grants.earliest_at + to_days(grants.lapse_after_unused_days)
                then uses.last_used_at + to_days(grants.lapse_after_unused_days)
            else grants.earliest_at + to_days(grants.lapse_after_unused_days)
        end as unused_ends_at,
    from grants
    asof left join uses
        on
            grants.identifier_key = uses.identifier_key
            and grants.purpose = uses.purpose
            and grants.channel = uses.channel
            and grants.earliest_at <= uses.last_used_at

),

limited as (

    select
        event_id,
        least(valid_until, purpose_ends_at, policy_ends_at, unused_ends_at) as expires_at,
        valid_until,
        purpose_ends_at,
        policy_ends_at,
    from used

),

explained as (

    select
        event_id,
        expires_at,
        case expires_at
            when valid_until then 'asserted_end'
            when purpose_ends_at then 'purpose_validity'
            when policy_ends_at then 'policy_changed'
            else 'unused'
        end as expiry_reason,
    from limited
    where expires_at is not null

)

select * from explained
