with

email_events as (

    select * from {{ source('raw', 'email_events') }}
    where occurred_at <= {{ as_of() }}

),

latest as (

    {{ latest_deliveries('email_events', ['event_id']) }}

),

staged as (

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
    from latest

)

select * from staged
