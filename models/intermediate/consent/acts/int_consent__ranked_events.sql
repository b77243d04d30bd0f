{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('identifier_number') }}") }}

with events as (

    select * from {{ ref('int_consent__asserted_events') }}
    where {{ only_changed('identifier_number') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}

),

uses as (

    select * from {{ ref('int_consent__uses') }}
    where {{ only_changed('identifier_number') }}

),

unused as (

    select
        events.event_seq,
        {{ lapses_at('events.earliest_at', 'uses', 'kinds.lapse_after_unused_days') }} as unused_ends_at,
    from events
    inner join kinds
        on events.kind_id = kinds.kind_id and kinds.lapse_after_unused_days is not null
    asof left join uses
        on
            events.identifier_number = uses.identifier_number
            and kinds.purpose = uses.purpose
            and kinds.channel = uses.channel
            and events.earliest_at <= uses.last_used_at
    where events.effect = 'positive'

),

-- R11: an imprecise grant lasts from its earliest moment, so that it ends early rather than late
limited as (

    select
        events.*,
        kinds.basis,
        case when events.effect = 'positive' then events.earliest_at + to_days(kinds.valid_days) end as purpose_ends_at,
        case when events.effect = 'positive' and events.earliest_at < kinds.policy_changed_at then kinds.policy_changed_at end
            as policy_ends_at,
        unused.unused_ends_at,
    from events
    inner join kinds
        on events.kind_id = kinds.kind_id
    left join unused
        on events.event_seq = unused.event_seq

),

-- R9: what raises begins at its latest moment, what lowers at its earliest, and one is later than the other only if it
-- certainly is. R12: a basis other than consent carries no act of will, so that it outweighs no negative
timed as (

    select
        event_seq,
        event_tie,
        identifier_number,
        kind_id,
        effect,
        earliest_at,
        known_from,
        precision_rank,
        source_rank,
        case when effect in ('positive', 'confirmation', 'lift') then latest_at else earliest_at end as starts_at,
        case
            when effect = 'positive' and basis <> 'consent' then {{ beginning_of_time() }}
            when effect in ('positive', 'confirmation', 'lift') then earliest_at
            else latest_at
        end as decides_at,
        case when effect = 'positive' then least(valid_until, purpose_ends_at, policy_ends_at, unused_ends_at) end as expires_at,
        case least(valid_until, purpose_ends_at, policy_ends_at, unused_ends_at)
            when valid_until then 'asserted_end'
            when purpose_ends_at then 'purpose_validity'
            when policy_ends_at then 'policy_changed'
            when unused_ends_at then 'unused'
        end as expiry_reason,
    from limited

),

-- R8: one total order of an identifier's events; among acts of one effect the highest rank is the newest
ranked as (

    select
        * exclude (event_tie, precision_rank, source_rank),
        identifier_number * {{ ranks_per_identifier() }} + row_number() over (
            partition by identifier_number
            order by decides_at, starts_at, precision_rank, source_rank, event_tie, event_seq
        ) as event_rank,
    from timed

)

select * from ranked
