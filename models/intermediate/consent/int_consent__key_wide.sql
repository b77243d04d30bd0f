with acts as (

    select * from {{ ref('int_consent__acts') }}
    where effect = 'invalidation'

),

facts as (

    select * from {{ ref('int_consent__facts') }}
    where fact in ('erased', 'child')

),

versions as (

    select key_number, known_from from {{ ref('int_consent__acts') }}
    union
    select key_number, known_from from {{ ref('int_consent__facts') }}

),

-- what holds for a key's whole history at once: an invalidation strikes backwards, an erasure both ways
collected as (

    select key_number, known_from, decides_at as invalid_until, event_rank, false as is_erased, cast(null as timestamp) as comes_of_age_at,
    from acts

    union all

    select key_number, known_from, null, null, fact = 'erased', case when fact = 'child' then ends_at end,
    from facts

),

per_version as (

    select
        versions.key_number,
        versions.known_from,
        max(collected.invalid_until) as invalid_until,
        max(collected.event_rank) as invalidation_rank,
        bool_or(collected.is_erased) as is_erased,
        max(collected.comes_of_age_at) as comes_of_age_at,
    from collected
    inner join versions
        on collected.key_number = versions.key_number and collected.known_from <= versions.known_from
    group by versions.key_number, versions.known_from

)

select * from per_version
