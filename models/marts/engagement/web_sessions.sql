{{ built_after(['int_behaviour__web_rules']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail', tags=['web_days'],
    meta={'starts_over': 'web_rules'}, pre_hook="{{ forget_web_visits('session_key') }}",
) }}
with

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}
    where {{ only_told_visits('session_id') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}

),

session_categories as (

    select * from {{ ref('int_behaviour__session_categories') }}
    where {{ only_told_visits('session_id') }}

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

categories as (

    select
        session_id,
        {{ ranked_list('category', 'clicks') }} as categories,
    from session_categories
    group by session_id

),

attributed as (

    select
        sessions.session_key,
        session_persons.person_id,
        session_persons.person_masked_reason,
        sessions.source,
        landing.host,
        landing.path as landing_page,
        leaving.path as exit_page,
        sessions.referrer_host,
        landing.utm_source,
        landing.utm_medium,
        landing.utm_campaign,
        landing.click_id_kind,
        coalesce(categories.categories, []) as categories,
        sessions.furthest_step,
        sessions.page_views,
        sessions.asset_requests,
        sessions.seconds,
        sessions.is_bounce,
        sessions.is_mobile,
        sessions.bot_reason is not null as is_bot,
        sessions.bot_reason,
        sessions.started_at,
        sessions.ended_at,
    from sessions
    inner join session_persons on sessions.session_id = session_persons.session_id
    inner join pages as landing on sessions.landing_page_id = landing.page_id
    inner join pages as leaving on sessions.exit_page_id = leaving.page_id
    left join categories on sessions.session_id = categories.session_id

)

select * from attributed
