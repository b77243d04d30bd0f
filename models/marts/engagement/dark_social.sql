with estimates as (

    select * from {{ ref('int_dark_social__estimates') }}

),

counted as (

    select
        cast(started_at as date) as day,
        source,
        channel,
        evidence,
        evidence_rank,
        count(*) as visits,
        count(*) filter (is_new) as new_visits,
        round(sum(typed_in_expected), 4) as typed_in_expected,
        cast(sum(private_low) as double) as private_low,
        round(sum(private_high), 4) as private_high,
        bool_and(has_baseline) as has_baseline,
    from estimates
    group by all

)

select * from counted
