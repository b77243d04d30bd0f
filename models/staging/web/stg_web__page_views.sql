{{ config(tags=["web_days"]) }}
with

page_views as (

    select * from {{ source('raw', 'page_views') }}

),

superseded as (

    select * from {{ ref('stg_web__superseded_page_views') }}

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
        file_id,
        loaded_at,
    from page_views
    anti join superseded
        on page_views.file_id = superseded.file_id and page_views.line_number = superseded.line_number
    where occurred_at <= {{ as_of() }}

)

select * from latest
