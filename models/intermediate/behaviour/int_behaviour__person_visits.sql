{{ built_after(['int_behaviour__web_rules', 'int_behaviour__session_persons']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook="{{ forget_web_people() }}",
) }}
with

session_persons as (

    select session_id, person_id from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null and {{ only_told_people('person_id') }}

),

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

pages as (

    select page_id, path, utm_source from {{ ref('int_behaviour__urls') }}

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
    from session_persons
    inner join sessions on session_persons.session_id = sessions.session_id
    inner join pages as landing on sessions.landing_page_id = landing.page_id
    inner join pages as leaving on sessions.exit_page_id = leaving.page_id

),

viewed as (

    select
        session_persons.person_id,
        session_categories.category,
        count(*) as visits,
    from session_persons
    inner join session_categories on session_persons.session_id = session_categories.session_id
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

summed as (

    select
        totals.* exclude (first_session_at, last_session_at),
        coalesce(categories.categories, []) as categories,
        totals.first_session_at,
        totals.last_session_at,
    from totals
    left join categories on totals.person_id = categories.person_id

)

select * from summed
