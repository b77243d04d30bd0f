with versions as (

    select * from {{ ref('int_consent__versions') }}

),

changes as (

    select * from {{ ref('int_consent__changes') }}

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
        on
            versions.key_number = changes.key_number
            and changes.known_from <= versions.known_from
            and versions.known_from < changes.known_to
    group by versions.key_number, versions.known_from, versions.known_to, changes.changes_at

),

-- what is in force from each moment on: the newest of what has begun
running as (

    select
        key_number,
        known_from,
        known_to,
        changes_at as valid_from,
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
