with

email_events as (

    select * from {{ source('raw', 'email_events') }}

),

latest as (

    select
        event_id,
        message_id,
        campaign_id,
        topic,
        email_key,
        event_type,
        url,
        user_agent,
        occurred_at,
        loaded_at,
    from email_events
    where occurred_at <= {{ as_of() }}
    qualify row_number() over (
        partition by event_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from latest
