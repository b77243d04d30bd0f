with

conversations as (

    select * from {{ ref('stg_service__conversations') }}

),

opening_hours as (

    select * from {{ ref('opening_hours') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

messages as (

    select * from {{ ref('stg_service__messages') }}

),

bounds as (

    select
        -- a reading before the first question whenever it came: no desk is shut for a month
        cast(least(min(opened_at), (select min(sent_at) from messages)) as date) - 31 as first_day,
        cast({{ as_of() }} as date) + 1 as last_day,
    from conversations

),

days as (

    select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as local_day
    from bounds

),

-- Opening hours are wall-clock times of the country: only after the zone is applied do they become instants.
intervals as (

    select
        opening_hours.country,
        timezone('UTC', timezone(opening_hours.time_zone, days.local_day + opening_hours.opens)) as opens_at,
        -- a desk that closes no later than it opens closes on the next day
        timezone(
            'UTC',
            timezone(
                opening_hours.time_zone,
                days.local_day + cast(opening_hours.closes <= opening_hours.opens as integer) + opening_hours.closes
            )
        ) as closes_at,
    from days
    inner join opening_hours on isodow(days.local_day) = opening_hours.weekday
    left join holidays
        on opening_hours.country = holidays.country and days.local_day = holidays.holiday
    where holidays.holiday is null

),

-- The business clock: how many open seconds had passed when this interval began.
clocked as (

    select
        country,
        opens_at,
        closes_at,
        coalesce(sum(date_diff('second', opens_at, closes_at)) over (
            partition by country
            order by opens_at
            rows between unbounded preceding and 1 preceding
        ), 0) as open_seconds_before,
    from intervals

)

select * from clocked
