with

clicks as (

    select * from {{ ref('int_behaviour__clicks') }}

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

sessions as (

    select session_id, session_key from {{ ref('int_behaviour__sessions') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null

),

looked_at as (

    select
        session_persons.person_id,
        sessions.session_key,
        row_number() over (
            partition by clicks.session_id
            order by clicks.occurred_at, clicks.click_id
        ) as position,
        pages.path as page,
        pages.page_type,
        pages.category,
        pages.product_id,
        pages.product_type,
        clicks.dwell_seconds,
        clicks.occurred_at,
    from clicks
    inner join session_persons on clicks.session_id = session_persons.session_id
    inner join sessions on clicks.session_id = sessions.session_id
    inner join pages on clicks.page_id = pages.page_id

)

select * from looked_at
