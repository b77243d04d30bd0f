with timeline as (

    select * from {{ ref('person_timeline') }}
    where channel is not null and occurred_at <= {{ as_of() }}

),

touch_kinds as (

    select * from {{ ref('touch_kinds') }}
    where is_reach

),

-- to count whom a channel reached is analysis of behaviour, also where the touch itself rests on less
gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_analyse

),

contacts as (

    select
        timeline.person_id,
        timeline.channel,
        coalesce(timeline.direction, 'undeclared') as direction,
        cast(timeline.occurred_at as date) as day,
        count(*) as touches,
    from timeline
    inner join touch_kinds on timeline.kind = touch_kinds.kind
    inner join gates on timeline.person_id = gates.person_id
    group by all

),

periods as (

    select
        person_id,
        channel,
        direction,
        touches,
        unnest(['day', 'week', 'month', 'year']) as period_grain,
        unnest([day, date_trunc('week', day), date_trunc('month', day), date_trunc('year', day)]) as period_start,
    from contacts

),

-- Everybody once per period and combination: people are counted anew for each, never added up.
met as (

    select
        period_grain,
        period_start,
        coalesce(channel, '*') as channel,
        coalesce(direction, '*') as direction,
        person_id,
        sum(touches) as touches,
    from periods
    group by grouping sets (
        (period_grain, period_start, person_id, channel, direction),
        (period_grain, period_start, person_id, channel),
        (period_grain, period_start, person_id, direction),
        (period_grain, period_start, person_id)
    )

),

counted as (

    select
        period_grain,
        cast(period_start as date) as period_start,
        channel,
        direction,
        cast(count(*) as varchar) as people,
        round(sum(touches) / count(*), 4) as frequency,
        -- the smallest hashes of the people: sketches of several rows merge to the sketch of their union
        arg_min(hash(person_id), hash(person_id), {{ var('reach_sketch_size') }}) as people_sketch,
    from met
    group by period_grain, period_start, channel, direction

),

ended as (

    select
        *,
        cast(period_start + case period_grain
            when 'day' then interval 1 day
            when 'week' then interval 7 day
            when 'month' then interval 1 month
            else interval 1 year
        end as date) as period_end,
    from counted

),

described as (

    select
        period_grain,
        period_start,
        period_end,
        period_end <= {{ as_of() }} as is_complete,
        channel,
        direction,
        people,
        frequency,
        people_sketch,
    from ended

)

select * from described
