with keys as (

    select * from {{ ref('int_consent__keys') }}

),

purposes as (

    select * from {{ ref('purposes') }}

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
        keys.key_number,
        'erased' as fact,
        'tombstone' as reason,
        {{ beginning_of_time() }} as begins_at,
        {{ end_of_time() }} as ends_at,
        min(tombstones.erased_at) as known_from,
        {{ end_of_time() }} as known_to,
    from keys
    inner join tombstones
        on keys.identifier_key = tombstones.identifier_key
    group by keys.key_number

),

-- R4
suppressed as (

    select
        keys.key_number,
        'suppressed' as fact,
        suppressions.list_id as reason,
        suppressions.begins_at,
        suppressions.ends_at,
        suppressions.known_from,
        suppressions.known_to,
    from keys
    inner join purposes
        on keys.purpose = purposes.purpose
    inner join suppressions
        on
            keys.identifier_key = suppressions.identifier_key
            and coalesce(suppressions.channel, keys.channel) = keys.channel
    where purposes.is_suppressible

),

-- R5: until this moment only a guardian speaks, from it on only the person; of no matter to who was of age before
under_age as (

    select
        keys.key_number,
        'child' as fact,
        children.country as reason,
        {{ beginning_of_time() }} as begins_at,
        children.comes_of_age_at as ends_at,
        children.known_from,
        {{ end_of_time() }} as known_to,
    from keys
    inner join children
        on keys.identifier_key = children.identifier_key
    where keys.first_grant_at < children.comes_of_age_at or keys.has_guardian

),

unioned as (

    select * from erased
    union all
    select * from suppressed
    union all
    select * from under_age

)

select * from unioned
