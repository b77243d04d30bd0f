{{ config(tags=['web_days']) }}
with

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

session_categories as (

    select * from {{ ref('int_behaviour__session_categories') }}

),

visits as (

    select
        session_persons.person_id,
        sessions.*,
        landing.utm_source,
        leaving.path as exit_page,
    from sessions
    inner join session_persons on sessions.session_id = session_persons.session_id
    inner join pages as landing on sessions.landing_page_id = landing.page_id
    inner join pages as leaving on sessions.exit_page_id = leaving.page_id

),

viewed as (

    select
        session_persons.person_id,
        session_categories.category,
        count(*) as visits,
    from session_categories
    inner join session_persons on session_categories.session_id = session_persons.session_id
    group by all

),

categories as (

    select
        person_id,
        {{ ranked_list('category', 'visits') }} as categories,
    from viewed
    group by person_id

),

totals as (

    select
        person_id,
        count(*) as sessions,
        count(*) filter (started_at > {{ as_of() }} - interval 30 day) as sessions_30d,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(seconds) as bigint) as seconds,
        count(*) filter (is_bounce) as bounces,
        arg_min(utm_source, (started_at, session_id)) filter (utm_source is not null) as first_utm_source,
        arg_max(utm_source, (started_at, session_id)) filter (utm_source is not null) as last_utm_source,
        arg_max(exit_page, (started_at, session_id)) as last_exit_page,
        min(started_at) as first_session_at,
        max(started_at) as last_session_at,
    from visits
    group by person_id

),

profiled as (

    select
        totals.* exclude (first_session_at, last_session_at),
        coalesce(categories.categories, []) as categories,
        totals.first_session_at,
        totals.last_session_at,
    from totals
    left join categories on totals.person_id = categories.person_id

)

select * from profiled
