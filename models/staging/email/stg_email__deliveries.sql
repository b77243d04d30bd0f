with email_events as (

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
        file_id,
        loaded_at,
        line_number,
    from {{ source('raw', 'email_events') }}
    where occurred_at <= {{ as_of() }}

)

select * from email_events
