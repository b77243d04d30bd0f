{{ config(tags=['after_export']) }}

with

removals as (

    select * from {{ ref('consent_removals') }}

),

summed as (

    select
        recipient,
        cause,
        cast(date_trunc('month', known_at) as date) as known_in_month,
        count(*) as removals,
        count(*) filter (is_removed) as removed,
        count(*) filter (not is_in_time) as late,
        count(*) filter (sent_while_denied > 0) as found_past_exports,
        round(quantile_cont(hours_from_known, 0.5), 2) as median_hours,
        round(quantile_cont(hours_from_known, 0.95), 2) as hours_of_19_in_20,
        max(hours_from_known) as longest_hours,
    from removals
    group by recipient, cause, date_trunc('month', known_at)

)

select * from summed
order by recipient, cause, known_in_month
