with stays as (

    select * from {{ ref('int_funnel__stays') }}

),

timed as (

    select
        person_id,
        stay_number,
        stage,
        stage_rank,
        previous_stage,
        next_stage,
        next_stage is null as is_current,
        date_diff('day', entered_at, coalesce(left_at, {{ as_of() }})) as days_in_stage,
        entered_at,
        left_at,
    from stays

)

select * from timed
