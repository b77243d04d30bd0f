with

deliveries as (

    select * from {{ ref('stg_email__deliveries') }}

),

latest as (

    {{ latest_deliveries('deliveries', ['event_id']) }}

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
