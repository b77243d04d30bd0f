-- Every page view is in exactly one visit, and a visit holds what it says it holds: a lost or doubled click would pass
-- every other test.
{{ config(meta={'dagster': {'ref': {'name': 'web_sessions'}}}) }}

with

delivered as (

    select count(*) as clicks from {{ ref('stg_web__page_views') }}

),

visits as (

    select coalesce(sum(page_views), 0) as clicks from {{ ref('web_sessions') }}

),

counted as (

    select
        session_id,
        count(*) as page_views,
        count(*) filter (is_first) as firsts,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
    from {{ ref('int_behaviour__clicks') }}
    group by session_id

),

torn as (

    select sessions.session_key
    from {{ ref('int_behaviour__sessions') }} as sessions
    full join counted on sessions.session_id = counted.session_id
    where
        sessions.page_views is distinct from counted.page_views
        or counted.firsts <> 1
        or sessions.started_at <> counted.started_at
        or sessions.ended_at <> counted.ended_at

),

-- what is shown of somebody's visit is all of it, in order; whole seconds of each page lose at most one per click
looked_at as (

    select
        session_key,
        count(*) as page_views,
        max(position) as last_position,
        count(distinct position) as positions,
        count(*) filter (dwell_seconds is null) as lasts,
        coalesce(sum(dwell_seconds), 0) as dwell_seconds,
    from {{ ref('web_page_views') }}
    group by session_key

),

lost as (

    select visits.session_key
    from (select * from {{ ref('web_sessions') }} where person_id is not null) as visits
    full join looked_at on visits.session_key = looked_at.session_key
    where
        visits.page_views is distinct from looked_at.page_views
        or looked_at.last_position <> looked_at.page_views
        or looked_at.positions <> looked_at.page_views
        or looked_at.lasts <> 1
        or visits.seconds - looked_at.dwell_seconds not between 0 and looked_at.page_views

)

select 'clicks of visits and delivered clicks differ' as failure
from delivered
cross join visits
where delivered.clicks <> visits.clicks
union all
select 'visit ' || coalesce(session_key, 'without a row') || ' is torn' from torn
union all
select 'page views of visit ' || coalesce(session_key, 'without a row') || ' are not shown' from lost
