{%- set gap = var('session_gap_minutes') -%}
with

page_views as (

    select * from {{ ref('stg_web__page_views') }}

),

-- A visit ends where the next event is too late. A source that delivers its own session id is taken at its word.
-- One sort per cookie gives both neighbours.
neighbours as (

    select
        event_id,
        cookie_key,
        session_id,
        occurred_at,
        hash(url) as page_key,
        login_key,
        share_id,
        lag(occurred_at) over clicks_of_cookie as previous_at,
        lead(occurred_at) over clicks_of_cookie as next_at,
    from page_views
    window clicks_of_cookie as (partition by cookie_key, session_id order by occurred_at, event_id)

),

bounded as (

    select
        * exclude (previous_at, next_at),
        previous_at is null
            or (session_id is null and occurred_at > previous_at + interval {{ gap }} minute) as is_first,
        next_at is null
            or (session_id is null and next_at > occurred_at + interval {{ gap }} minute) as is_last,
        next_at,
    from neighbours

),

-- The session carries the key of its first click, down to the next first click.
sessioned as (

    select
        event_id,
        last_value(if(is_first, md5(event_id), null) ignore nulls) over clicks_of_cookie as session_key,
        cookie_key,
        page_key,
        login_key,
        share_id,
        is_first,
        is_last,
        -- How long the page was looked at is known from the next click only; nobody knows it for the last page.
        if(is_last, null, date_diff('second', occurred_at, next_at)) as dwell_seconds,
        occurred_at,
    from bounded
    window clicks_of_cookie as (
        partition by cookie_key, session_id
        order by occurred_at, event_id
        rows between unbounded preceding and current row
    )

)

select * from sessioned
