with

list_deliveries as (

    select * from {{ ref('int_consent__list_deliveries') }}
    where known_from <= {{ latest_known() }} and delivered_at <= {{ as_of() }}

),

channels as (

    select channel, from {{ ref('channels') }}

),

deliveries as (

    select list_id, channel, country, maximum_age_days, delivered_at,
    from list_deliveries
    group by all

),

-- a list is too old from its maximum age until the next delivery
gaps as (

    select
        channel,
        country,
        delivered_at + to_days(maximum_age_days) as closed_from,
        lead(delivered_at, 1, {{ end_of_time() }}) over (
            partition by list_id, channel, country order by delivered_at
        ) as closed_to,
    from deliveries

),

closures as (

    select channels.channel, gaps.country, gaps.closed_from, gaps.closed_to,
    from gaps
    inner join channels on coalesce(gaps.channel, channels.channel) = channels.channel
    where gaps.closed_from < gaps.closed_to

)

select * from closures
