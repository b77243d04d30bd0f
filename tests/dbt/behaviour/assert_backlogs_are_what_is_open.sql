{{ config(meta={'dagster': {'ref': {'name': 'service_backlog'}}}) }}

-- A day's backlog is the one before it, with what came and without what was settled; the last day's is what is open now.
with stepped as (

    select
        channel,
        day,
        opened - resolved as change,
        backlog - lag(backlog) over (partition by channel order by day) as difference,
    from {{ ref('service_backlog') }}

),

counted as (

    select
        channel,
        count(*) filter (not is_resolved) as open_now,
        count(*) filter (not is_resolved and first_response_at is null) as unanswered_now,
    from {{ ref('service_conversations') }}
    group by channel

),

last_days as (

    select channel, backlog, unanswered from {{ ref('service_backlog') }}
    where day = cast({{ as_of() }} as date)

)

select channel, day from stepped
where difference <> change
union all
select counted.channel, null from counted
left join last_days on counted.channel = last_days.channel
where
    last_days.backlog is distinct from counted.open_now
    or last_days.unanswered is distinct from counted.unanswered_now
