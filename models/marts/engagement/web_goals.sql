with

goals as (

    select * from {{ ref('int_behaviour__goals_reached') }}

),

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

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
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        sessions.referrer_host,
        sessions.is_bot,
        goals.reached_at,
    from goals
    inner join sessions on goals.session_key = sessions.session_key
    inner join session_persons on goals.session_key = session_persons.session_key

)

select * from attributed
