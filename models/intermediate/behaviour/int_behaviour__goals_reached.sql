with

clicks as (

    select * from {{ ref('int_behaviour__clicks') }}

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

web_goals as (

    select * from {{ ref('goals') }}

),

sessions as (

    select session_key, started_at from {{ ref('int_behaviour__sessions') }}

),

goal_pages as (

    select
        pages.page_key,
        pages.path,
        web_goals.*,
    from pages
    inner join web_goals on regexp_matches(pages.path, web_goals.path_pattern)

),

-- A goal is reached once per visit, at its first page; reloading the thank-you page earns nothing.
reached as (

    select
        md5(clicks.session_key || '|' || goal_pages.goal_id) as goal_key,
        clicks.session_key,
        goal_pages.goal_id,
        any_value(goal_pages.title) as title,
        any_value(goal_pages.value) as value,
        any_value(goal_pages.currency) as currency,
        arg_min(goal_pages.path, (clicks.occurred_at, clicks.event_id)) as page,
        count(*) as times_reached,
        min(clicks.occurred_at) as reached_at,
    from clicks
    inner join goal_pages on clicks.page_key = goal_pages.page_key
    group by clicks.session_key, goal_pages.goal_id

),

-- The path to the goal: how many pages and seconds into the visit.
with_path as (

    select
        reached.goal_key,
        reached.session_key,
        reached.goal_id,
        reached.title,
        reached.page,
        reached.times_reached,
        count(clicks.event_id) as page_views_before,
        date_diff('second', sessions.started_at, reached.reached_at) as seconds_before,
        reached.value,
        reached.currency,
        reached.reached_at,
    from reached
    inner join sessions on reached.session_key = sessions.session_key
    left join clicks
        on reached.session_key = clicks.session_key and clicks.occurred_at < reached.reached_at
    group by all

)

select * from with_path
