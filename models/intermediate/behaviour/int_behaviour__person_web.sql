with

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null

),

visits as (

    select
        session_persons.person_id,
        sessions.*,
    from sessions
    inner join session_persons on sessions.session_key = session_persons.session_key

),

categories as (

    select
        person_id,
        list(category order by visits desc, category) as categories,
    from (
        select
            visits.person_id,
            category_of_visit.category,
            count(*) as visits,
        from visits
        cross join unnest(visits.categories) as category_of_visit (category)
        group by all
    )
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
        arg_min(utm_source, (started_at, session_key)) filter (utm_source is not null) as first_utm_source,
        arg_max(utm_source, (started_at, session_key)) filter (utm_source is not null) as last_utm_source,
        arg_max(exit_page, (started_at, session_key)) as last_exit_page,
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
