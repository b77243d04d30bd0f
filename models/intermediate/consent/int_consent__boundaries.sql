with acts as (

    select * from {{ ref('int_consent__acts') }}

),

facts as (

    select * from {{ ref('int_consent__facts') }}

),

-- what was known when: one version of a key's history per moment at which something about it was loaded
loads as (

    select key_number, known_from from acts
    union
    select key_number, known_from from facts

),

versions as (

    select
        key_number,
        known_from,
        lead(known_from, 1, {{ end_of_time() }}) over (partition by key_number order by known_from) as known_to,
    from loads

),

-- every moment at which the decision can change: something begins, or ends
changes as (

    select key_number, known_from, starts_at as changes_at, event_rank, effect, decides_at, cast(null as timestamp) as suppressed_until,
    from acts

    union all

    select key_number, known_from, expires_at, null, null, null, null,
    from acts
    where effect = 'positive' and starts_at < expires_at

    union all

    select key_number, known_from, begins_at, null, null, null, case when fact = 'suppressed' then ends_at end,
    from facts

    union all

    select key_number, known_from, ends_at, null, null, null, null,
    from facts
    where ends_at < {{ end_of_time() }}

),

moments as (

    select
        versions.key_number,
        versions.known_from,
        versions.known_to,
        changes.changes_at,
        max(changes.event_rank) filter (where changes.effect = 'positive') as positive_rank,
        max(changes.event_rank) filter (where changes.effect = 'negative') as negative_rank,
        max(changes.decides_at) filter (where changes.effect = 'negative') as negative_until,
        max(changes.event_rank) filter (where changes.effect = 'restriction') as restriction_rank,
        max(changes.decides_at) filter (where changes.effect = 'restriction') as restricted_until,
        max(changes.decides_at) filter (where changes.effect = 'lift') as lifted_from,
        max(changes.changes_at) filter (where changes.effect = 'confirmation') as confirmed_at,
        max(changes.suppressed_until) as suppressed_until,
    from versions
    inner join changes
        on versions.key_number = changes.key_number and changes.known_from <= versions.known_from
    group by all

),

-- what is in force from each moment on: the newest of what has begun
running as (

    select
        key_number,
        known_from,
        known_to,
        changes_at as valid_from,
        lead(changes_at, 1, {{ end_of_time() }}) over history as valid_to,
        max(positive_rank) over history as positive_rank,
        max(negative_rank) over history as negative_rank,
        max(negative_until) over history as negative_until,
        max(restriction_rank) over history as restriction_rank,
        max(restricted_until) over history as restricted_until,
        max(lifted_from) over history as lifted_from,
        max(confirmed_at) over history as confirmed_at,
        max(suppressed_until) over history as suppressed_until,
    from moments
    window history as (partition by key_number, known_from order by changes_at)

)

select * from running
