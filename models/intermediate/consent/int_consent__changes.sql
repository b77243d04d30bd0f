with acts as (

    select * from {{ ref('int_consent__acts') }}

),

facts as (

    select * from {{ ref('int_consent__facts') }}

),

-- every moment at which a decision can change: an act begins, a grant ends, a fact begins or ends
began as (

    select
        key_number,
        starts_at as changes_at,
        effect,
        event_rank,
        decides_at,
        cast(null as timestamp) as suppressed_until,
        known_from,
        {{ end_of_time() }} as known_to,
    from acts
    where effect <> 'invalidation'

),

expired as (

    select
        key_number,
        expires_at as changes_at,
        known_from,
        {{ end_of_time() }} as known_to,
    from acts
    where effect = 'positive' and starts_at < expires_at

),

notice_changed as (

    select
        key_number,
        unnest(notice_changes).ends_at as changes_at,
        greatest(known_from, unnest(notice_changes).known_from) as known_from,
        {{ end_of_time() }} as known_to,
    from acts
    where notice_changes is not null

),

fact_began as (

    select
        key_number,
        begins_at as changes_at,
        case when fact = 'suppressed' then ends_at end as suppressed_until,
        known_from,
        known_to,
    from facts

),

fact_ended as (

    select
        key_number,
        ends_at as changes_at,
        known_from,
        known_to,
    from facts
    where ends_at < {{ end_of_time() }}

),

unioned as (

    select * from began
    union all by name
    select * from expired
    union all by name
    select * from notice_changed
    union all by name
    select * from fact_began
    union all by name
    select * from fact_ended

)

select * from unioned
