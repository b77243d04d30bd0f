with

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}

),

attributed as (

    select
        sessions.session_key,
        session_persons.person_id,
        session_persons.person_masked_reason,
        sessions.source,
        sessions.host,
        sessions.landing_page,
        sessions.exit_page,
        sessions.referrer_host,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        sessions.click_id_kind,
        sessions.categories,
        sessions.page_views,
        sessions.seconds,
        sessions.is_bounce,
        sessions.is_mobile,
        sessions.is_bot,
        sessions.bot_name,
        sessions.started_at,
        sessions.ended_at,
    from sessions
    inner join session_persons on sessions.session_key = session_persons.session_key

)

select * from attributed
