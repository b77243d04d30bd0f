with events as (

    select * from {{ ref('int_consent__asserted_events') }}

),

purposes as (

    select * from {{ ref('purposes') }}

),

notices as (

    select * from {{ ref('stg_consent__notices') }}

),

-- a text that changed in substance ends what was said to the text before, after its days of grace
changes as (

    select
        shown.notice_id,
        shown.notice_version,
        shown.notice_locale,
        min(later.effective_from + to_days(later.grace_days)) as notice_ends_at,
    from notices as shown
    inner join notices as later
        on
            shown.notice_id = later.notice_id
            and shown.effective_from < later.effective_from
            and later.is_material_change
    group by all

),

-- an imprecise grant lasts from its earliest moment, so that it ends early rather than late
limits as (

    select
        events.event_id,
        events.valid_until,
        events.earliest_at + to_days(purposes.valid_days) as purpose_ends_at,
        events.earliest_at + to_days(purposes.lapse_after_unused_days) as unused_ends_at,
        changes.notice_ends_at,
        case when events.earliest_at < purposes.policy_changed_at then purposes.policy_changed_at end as policy_ends_at,
    from events
    inner join purposes
        on events.purpose = purposes.purpose
    left join changes
        on
            events.notice_id = changes.notice_id
            and events.notice_version = changes.notice_version
            and events.notice_locale = changes.notice_locale
    where events.effect = 'positive' and events.obstacle is null

),

earliest as (

    select
        *,
        least(valid_until, purpose_ends_at, unused_ends_at, notice_ends_at, policy_ends_at) as expires_at,
    from limits

),

explained as (

    select
        event_id,
        expires_at,
        case
            when expires_at = valid_until then 'asserted_end'
            when expires_at = purpose_ends_at then 'purpose_validity'
            when expires_at = notice_ends_at then 'notice_changed'
            when expires_at = policy_ends_at then 'policy_changed'
            when expires_at = unused_ends_at then 'unused'
        end as expiry_reason,
    from earliest
    where expires_at is not null

)

select * from explained
