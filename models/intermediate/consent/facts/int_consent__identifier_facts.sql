{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('identifier_number') }}") }}

with events as (

    select * from {{ ref('int_consent__ranked_events') }}
    where {{ only_changed('identifier_number') }}

),

identifiers as (

    select * from {{ ref('int_consent__identifiers') }}
    where {{ only_changed('identifier_number') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}

),

tombstones as (

    select * from {{ ref('stg_consent__tombstones') }}

),

suppressions as (

    select * from {{ ref('int_consent__suppressions') }}

),

children as (

    select * from {{ ref('int_consent__children') }}

),

-- R1: an erasure holds for every moment, also for those before it
erased as (

    select
        identifiers.identifier_number,
        'erased' as fact,
        cast(null as varchar) as channel,
        {{ beginning_of_time() }} as begins_at,
        {{ end_of_time() }} as ends_at,
        min(tombstones.erased_at) as known_from,
        {{ end_of_time() }} as known_to,
    from identifiers
    inner join tombstones
        on identifiers.identifier_key = tombstones.identifier_key
    group by identifiers.identifier_number

),

-- R4
suppressed as (

    select
        identifiers.identifier_number,
        'suppressed' as fact,
        suppressions.channel,
        suppressions.begins_at,
        suppressions.ends_at,
        suppressions.known_from,
        suppressions.known_to,
    from identifiers
    inner join suppressions
        on identifiers.identifier_key = suppressions.identifier_key

),

-- R5: until this moment only a guardian speaks, from it on only the person; of no matter to who was of age before
grants as (

    select
        events.identifier_number,
        min(events.earliest_at) as first_grant_at,
        bool_or(kinds.actor = 'guardian') as has_guardian,
    from events
    inner join kinds
        on events.kind_id = kinds.kind_id
    where events.effect = 'positive'
    group by events.identifier_number

),

under_age as (

    select
        identifiers.identifier_number,
        'child' as fact,
        cast(null as varchar) as channel,
        {{ beginning_of_time() }} as begins_at,
        children.comes_of_age_at as ends_at,
        children.known_from,
        {{ end_of_time() }} as known_to,
    from children
    inner join identifiers
        on children.identifier_key = identifiers.identifier_key
    inner join grants
        on identifiers.identifier_number = grants.identifier_number
    where grants.first_grant_at < children.comes_of_age_at or grants.has_guardian

),

unioned as (

    select * from erased
    union all
    select * from suppressed
    union all
    select * from under_age

)

select * from unioned
