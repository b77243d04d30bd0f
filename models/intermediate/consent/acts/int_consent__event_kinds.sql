with said as (

    select * from {{ ref('int_consent__ways') }}

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

allowed_bases as (

    select * from {{ ref('allowed_bases') }}

),

-- what such an event does, who did it, and what the person was shown
described as (

    select
        said.* exclude (actor, basis, channel),
        said.actor as said_actor,
        said.basis as said_basis,
        said.channel as said_channel,
        coalesce(actions.effect, 'neutral') as effect,
        actions.state as asserted_state,
        coalesce(said.actor, sources.default_actor, 'unknown') as actor,
        coalesce(said.basis, 'consent') as basis,
        coalesce(said.channel, purposes.only_channel) as channel,
        purposes.kind as purpose_kind,
        purposes.valid_days,
        purposes.lapse_after_unused_days,
        purposes.policy_changed_at,
        coalesce(sources.may_raise, true) as source_may_raise,
        coalesce(sources.source_rank, 0) as source_rank,
        coalesce(sources.requires_double_opt_in, false) or coalesce(purposes.requires_double_opt_in, false)
            as requires_double_opt_in,
        coalesce(purposes.requires_notice, true) or said.recipient is not null as requires_notice,
        coalesce(purposes.requires_explicit, false) as requires_explicit,
        notices.loaded_at as notice_known_from,
        coalesce(list_has_any(notices.purposes, [said.purpose, purposes.part_of]), false) as is_purpose_named,
        said.recipient is null or coalesce(list_contains(notices.recipients, said.recipient), false) as is_recipient_named,
    from said
    left join actions
        on said.action = actions.action
    left join sources
        on said.source = sources.source
    left join purposes
        on said.purpose = purposes.purpose
    left join notices
        on
            said.notice_id = notices.notice_id
            and said.notice_version = notices.notice_version
            and said.notice_locale = notices.notice_locale

),

-- R6, R7: why an event that would raise a permission may not; only an explicit line admits one
judged as (

    select
        described.*,
        allowed_bases.state as basis_state,
        case
            when effect in ('negative', 'restriction', 'invalidation', 'neutral') then null
            when effect = 'attempt' then 'imported_state'
            when is_default then 'default'
            when not source_may_raise then 'source_may_not_raise'
            when actor = 'unknown' then 'actor_unknown'
            when effect = 'lift' and actor in ('subject', 'guardian', 'controller', 'authority') then null
            when actor not in ('subject', 'guardian') then 'not_the_subject'
            when effect = 'confirmation' then null
            when described.basis = 'consent' and consent_type in ('implied', 'none') then 'not_an_act'
            when requires_explicit and consent_type is distinct from 'explicit' then 'not_explicit'
            when purpose_kind is null then 'purpose_undeclared'
            when purpose_kind = 'group' then 'purpose_too_wide'
            when described.channel = 'any' then 'channel_too_wide'
            when purpose_kind = 'channel' and described.channel is null then 'channel_missing'
            when requires_notice and notice_id is null then 'notice_missing'
            when requires_notice and notice_known_from is null then 'notice_unknown'
            when requires_notice and not is_purpose_named then 'purpose_not_named'
            when requires_notice and not is_recipient_named then 'recipient_not_named'
            when effect = 'positive' then null
            else 'not_admitted'
        end as obstacle,
    from described
    left join allowed_bases
        on
            described.purpose = allowed_bases.purpose
            and described.channel is not distinct from allowed_bases.channel
            and described.basis = allowed_bases.basis

)

select * from judged
