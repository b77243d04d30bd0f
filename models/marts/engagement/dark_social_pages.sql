with estimates as (

    select * from {{ ref('int_dark_social__estimates') }}

),

counted as (

    select
        cast(date_trunc('month', started_at) as date) as month,
        source,
        path as page,
        count(*) as visits,
        count(*) filter (is_new) as new_visits,
        count(*) filter (evidence in ('typed_in', 'deep_direct')) as visits_without_trace,
        count(*) filter (evidence = 'share_link') as visits_by_share_link,
        cast(sum(private_low) as double) as private_low,
        round(sum(private_high), 4) as private_high,
    from estimates
    group by all

)

select * from counted
