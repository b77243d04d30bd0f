{{ built_after(['int_behaviour__web_rules']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail', tags=['web_days'],
    meta={'starts_over': 'web_rules'}, pre_hook="{{ forget_web_visits('session_key') }}",
) }}
with

goals as (

    select * from {{ ref('int_behaviour__goals_reached') }}
    where {{ only_told_visits('session_id') }}

),

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}

),

attributed as (

    select
        goals.goal_key,
        goals.goal_id,
        goals.title,
        goals.session_key,
        session_persons.person_id,
        session_persons.person_masked_reason,
        goals.page,
        goals.times_reached,
        goals.page_views_before,
        goals.seconds_before,
        goals.value,
        goals.currency,
        landing.utm_source,
        landing.utm_medium,
        landing.utm_campaign,
        sessions.referrer_host,
        sessions.bot_reason is not null as is_bot,
        goals.reached_at,
    from goals
    inner join sessions on goals.session_id = sessions.session_id
    inner join pages as landing on sessions.landing_page_id = landing.page_id
    inner join session_persons on goals.session_id = session_persons.session_id

)

select * from attributed
