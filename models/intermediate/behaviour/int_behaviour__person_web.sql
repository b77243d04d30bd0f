{{ config(tags=['web_days']) }}
with

person_visits as (

    select * from {{ ref('int_behaviour__person_visits') }}

),

session_persons as (

    select session_id, person_id from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null

),

sessions as (

    select session_id, started_at from {{ ref('int_behaviour__sessions') }}
    where started_at > {{ as_of() }} - interval 30 day

),

-- what changes by itself as time goes on, besides what changes with the person's visits only
recent as (

    select session_persons.person_id, count(*) as sessions
    from session_persons
    inner join sessions on session_persons.session_id = sessions.session_id
    group by session_persons.person_id

),

profiled as (

    select
        person_visits.person_id,
        person_visits.sessions,
        coalesce(recent.sessions, 0) as sessions_30d,
        person_visits.page_views,
        person_visits.seconds,
        person_visits.bounces,
        person_visits.first_utm_source,
        person_visits.last_utm_source,
        person_visits.last_exit_page,
        person_visits.categories,
        person_visits.first_session_at,
        person_visits.last_session_at,
    from person_visits
    left join recent on person_visits.person_id = recent.person_id

)

select * from profiled
