with events as (

    select * from {{ ref('stg_consent__events') }}

),

actions as (

    select * from {{ ref('consent_actions') }}

),

sources as (

    select * from {{ ref('consent_sources') }}

),

purposes as (

    select * from {{ ref('purposes') }}

),

notices as (

    select * from {{ ref('stg_consent__notices') }}

),

-- what the event does, who did it, and what the person was shown
described as (

    select
        events.* exclude (actor, basis, channel),
        coalesce(actions.effect, 'neutral') as effect,
        actions.state as asserted_state,
        coalesce(events.actor, sources.default_actor, 'unknown') as actor,
        coalesce(events.basis, 'consent') as basis,
        coalesce(events.channel, purposes.only_channel) as channel,
        purposes.kind as purpose_kind,
        coalesce(sources.may_raise, true) as source_may_raise,
        coalesce(sources.source_rank, 0) as source_rank,
        coalesce(sources.requires_double_opt_in, false) or coalesce(purposes.requires_double_opt_in, false)
            as requires_double_opt_in,
        coalesce(purposes.requires_notice, true) or events.recipient is not null as requires_notice,
        notices.notice_id is not null as is_notice_known,
        coalesce(list_contains(notices.purposes, events.purpose), false) as is_purpose_named,
        events.recipient is null or coalesce(list_contains(notices.recipients, events.recipient), false)
            as is_recipient_named,
        -- a grant counts once its text is known too; a no counts at once
        case
            when actions.effect = 'positive' then greatest(events.loaded_at, notices.loaded_at)
            else events.loaded_at
        end as known_from,
    from events
    left join actions
        on events.action = actions.action
    left join sources
        on events.source = sources.source
    left join purposes
        on events.purpose = purposes.purpose
    left join notices
        on
            events.notice_id = notices.notice_id
            and events.notice_version = notices.notice_version
            and events.notice_locale = notices.notice_locale

),

-- R6, R7: why an act that would raise may not; only the last line admits it
judged as (

    select
        *,
        case
            when effect not in ('positive', 'confirmation', 'lift', 'attempt') then null
            when effect = 'attempt' then 'imported_state'
            when is_default then 'default'
            when not source_may_raise then 'source_may_not_raise'
            when actor = 'unknown' then 'actor_unknown'
            when effect = 'lift' and actor in ('subject', 'guardian', 'controller', 'authority') then null
            when actor not in ('subject', 'guardian') then 'not_the_subject'
            when effect = 'confirmation' then null
            when basis = 'consent' and consent_type in ('implied', 'none') then 'not_an_act'
            when purpose_kind is null then 'purpose_undeclared'
            when purpose_kind = 'group' then 'purpose_too_wide'
            when channel = 'any' then 'channel_too_wide'
            when purpose_kind = 'channel' and channel is null then 'channel_missing'
            when requires_notice and notice_id is null then 'notice_missing'
            when requires_notice and not is_notice_known then 'notice_unknown'
            when requires_notice and not is_purpose_named then 'purpose_not_named'
            when not is_recipient_named then 'recipient_not_named'
            when effect = 'positive' and actor in ('subject', 'guardian') then null
            else 'not_admitted'
        end as obstacle,
        -- R9: the earliest and the latest moment at which it can have happened
        case occurred_precision
            when 'exact' then occurred_at
            when 'day' then date_trunc('day', occurred_at)
            else {{ beginning_of_time() }}
        end as earliest_at,
        case occurred_precision
            when 'exact' then occurred_at
            when 'day' then occurred_at + interval 1 day
            else greatest(occurred_at, coalesce(recorded_at, loaded_at))
        end as latest_at,
        case occurred_precision when 'exact' then 2 when 'day' then 1 else 0 end as precision_rank,
    from described

)

select * from judged
