with conversations as (

    select * from {{ ref('service_conversations') }}

),

-- What opens a conversation and what ends it. One that was closed before it began was closed at once.
changes as (

    select channel, cast(opened_at as date) as day, 1 as opened, 0 as answered, 0 as resolved, 1 as waits, 1 as stays,
    from conversations

    union all

    select channel, cast(greatest(first_response_at, opened_at) as date), 0, 1, 0, 0, 0 from conversations
    where first_response_at is not null

    union all

    -- nobody waits for a first answer any more: it came, or the conversation ended without one
    select
        channel,
        cast(greatest(least(coalesce(first_response_at, closed_at), coalesce(closed_at, first_response_at)), opened_at) as date),
        0, 0, 0, -1, 0
    from conversations
    where first_response_at is not null or closed_at is not null

    union all

    select channel, cast(greatest(closed_at, opened_at) as date), 0, 0, 1, 0, -1 from conversations
    where closed_at is not null

),

spans as (

    select channel, min(day) as first_day from changes
    group by channel

),

days as (

    select
        channel,
        unnest(generate_series(first_day, cast({{ as_of() }} as date), interval 1 day)) as day,
    from spans

),

summed as (

    select
        days.channel,
        cast(days.day as date) as day,
        coalesce(sum(changes.opened), 0) as opened,
        coalesce(sum(changes.answered), 0) as answered,
        coalesce(sum(changes.resolved), 0) as resolved,
        coalesce(sum(changes.waits), 0) as waits,
        coalesce(sum(changes.stays), 0) as stays,
    from days
    left join changes on days.channel = changes.channel and days.day = changes.day
    group by days.channel, days.day

),

-- how fast the questions of a day were answered and settled, as far as they are by now
paced as (

    select
        channel,
        cast(opened_at as date) as day,
        median(first_response_minutes) as median_first_response_minutes,
        median(first_response_business_minutes) as median_first_response_business_minutes,
        median(resolution_minutes) as median_resolution_minutes,
    from conversations
    group by channel, cast(opened_at as date)

),

accumulated as (

    select
        summed.channel,
        summed.day,
        cast(summed.opened as bigint) as opened,
        cast(summed.answered as bigint) as answered,
        cast(summed.resolved as bigint) as resolved,
        cast(sum(summed.stays) over until_day as bigint) as backlog,
        cast(sum(summed.waits) over until_day as bigint) as unanswered,
        paced.median_first_response_minutes,
        paced.median_first_response_business_minutes,
        paced.median_resolution_minutes,
    from summed
    left join paced on summed.channel = paced.channel and summed.day = paced.day
    window until_day as (partition by summed.channel order by summed.day)

)

select * from accumulated
where day > cast({{ as_of() }} as date) - {{ var('service_backlog_days') }}
