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
        count(*) filter (is_last) as lasts,
        coalesce(sum(dwell_seconds), 0) as dwell_seconds,
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
        or counted.lasts <> 1
        -- whole seconds of each page: at most one second is lost per click
        or sessions.seconds - counted.dwell_seconds not between 0 and counted.page_views

)

select 'clicks of visits and delivered clicks differ' as failure
from delivered
cross join visits
where delivered.clicks <> visits.clicks
union all
select 'visit ' || coalesce(session_key, 'without a row') || ' is torn' from torn
union all
select 'page views of people and their visits differ'
from (select count(*) as clicks from {{ ref('web_page_views') }}) as looked_at
cross join (
    select coalesce(sum(page_views), 0) as clicks from {{ ref('web_sessions') }}
    where person_id is not null
) as visited
where looked_at.clicks <> visited.clicks
