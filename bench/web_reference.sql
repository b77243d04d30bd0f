-- The least that finds visits: one sort per browser, one row per visit. No bots by behaviour, no dwell, no pages, no people.
create or replace temp table reference_visits as
with clicks as (
    select hash(cookie_key) as visitor, epoch_us(occurred_at) as moment
    from raw.page_views
    where not contains(user_agent, 'Bot')
),
neighbours as (
    select
        *,
        row_number() over by_time as place,
        lag(moment) over by_time as moment_before,
        lead(moment) over by_time as moment_after,
    from clicks
    window by_time as (partition by visitor order by moment)
),
edges as (
    select
        visitor,
        moment,
        place,
        coalesce(moment - moment_before > 1800000000, true) as is_start,
        coalesce(moment_after - moment > 1800000000, true) as is_end,
    from neighbours
    where is_start or is_end
),
visits as (
    select
        *,
        if(is_end, moment, lead(moment) over by_place) as ended,
        if(is_end, place, lead(place) over by_place) as last_place,
    from edges
    window by_place as (partition by visitor order by place)
)
select visitor, make_timestamp(moment) as started_at, make_timestamp(ended) as ended_at, last_place - place + 1 as clicks
from visits
where is_start;
