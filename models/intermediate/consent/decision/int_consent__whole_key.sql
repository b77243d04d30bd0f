{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('key_number // ' ~ combinations_per_identifier()) }}") }}

with invalidations as (

    select * from {{ ref('int_consent__acts') }}
    where effect = 'invalidation' and {{ only_changed('identifier_number') }}

),

facts as (

    select * from {{ ref('int_consent__facts') }}
    where fact in ('erased', 'child') and {{ only_changed('identifier_number') }}

),

versions as (

    select * from {{ ref('int_consent__versions') }}

),

-- what holds for a key's whole history at once: an invalidation strikes backwards, an erasure both ways
collected as (

    select
        key_number,
        decides_at as invalid_until,
        event_rank as invalidation_rank,
        false as is_erased,
        cast(null as timestamp) as comes_of_age_at,
        known_from,
    from invalidations

    union all

    select
        key_number,
        null,
        null,
        fact = 'erased',
        case when fact = 'child' then ends_at end,
        known_from,
    from facts

),

per_version as (

    select
        versions.key_number,
        versions.known_from,
        max(collected.invalid_until) as invalid_until,
        max(collected.invalidation_rank) as invalidation_rank,
        bool_or(collected.is_erased) as is_erased,
        max(collected.comes_of_age_at) as comes_of_age_at,
    from collected
    inner join versions
        on collected.key_number = versions.key_number and collected.known_from <= versions.known_from
    group by versions.key_number, versions.known_from

)

select * from per_version
