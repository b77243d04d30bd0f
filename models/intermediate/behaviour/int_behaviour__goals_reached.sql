{{ built_after(['int_behaviour__web_rules']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook="{{ forget_web_visits() }}",
) }}
with

clicks as (

    select session_id, click_id, page_id, occurred_at from {{ ref('int_behaviour__clicks') }}
    where {{ only_told_visits('session_id') }}

),

pages as (

    select page_id, path from {{ ref('int_behaviour__urls') }}
    {%- if is_incremental() %}
    where page_id in (select page_id from clicks)
    {%- endif %}

),

web_goals as (

    select * from {{ ref('goals') }}

),

sessions as (

    select session_id, session_key, started_at from {{ ref('int_behaviour__sessions') }}

),

-- A page may fit several patterns of one goal; it reaches it once.
goal_pages as (

    select
        pages.page_id,
        pages.path,
        web_goals.goal_id,
        min(web_goals.title) as title,
        max(web_goals.value) as value,
        min(web_goals.currency) as currency,
    from pages
    inner join web_goals on pages.path like web_goals.path_like
    group by pages.page_id, pages.path, web_goals.goal_id

),

-- A goal is reached once per visit, at its first page; reloading the thank-you page earns nothing.
reached as (

    select
        clicks.session_id,
        goal_pages.goal_id,
        any_value(goal_pages.title) as title,
        any_value(goal_pages.value) as value,
        any_value(goal_pages.currency) as currency,
        arg_min(goal_pages.path, (clicks.occurred_at, clicks.click_id)) as page,
        count(*) as times_reached,
        min(clicks.occurred_at) as reached_at,
    from clicks
    inner join goal_pages on clicks.page_id = goal_pages.page_id
    group by clicks.session_id, goal_pages.goal_id

),

-- The path to the goal: how many pages and seconds into the visit.
with_path as (

    select
        md5(sessions.session_key || '|' || reached.goal_id) as goal_key,
        sessions.session_key,
        reached.session_id,
        reached.goal_id,
        reached.title,
        reached.page,
        reached.times_reached,
        count(clicks.click_id) as page_views_before,
        date_diff('second', sessions.started_at, reached.reached_at) as seconds_before,
        reached.value,
        reached.currency,
        reached.reached_at,
    from reached
    inner join sessions on reached.session_id = sessions.session_id
    left join clicks
        on reached.session_id = clicks.session_id and clicks.occurred_at < reached.reached_at
    group by all

)

select * from with_path
