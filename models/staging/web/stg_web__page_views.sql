with

page_views as (

    select * from {{ source('raw', 'page_views') }}

),

latest as (

    select
        event_id,
        source,
        cookie_key,
        session_id,
        login_kind,
        login_key,
        share_id,
        url,
        referrer,
        user_agent,
        extra,
        occurred_at,
        loaded_at,
    from page_views
    where occurred_at <= {{ as_of() }}
    qualify row_number() over (
        partition by event_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from latest
