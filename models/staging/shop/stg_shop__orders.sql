with

orders as (

    select * from {{ source('raw', 'orders') }}
    where ordered_at <= {{ as_of() }}

),

latest as (

    {{ latest_deliveries('orders', ['source', 'order_id']) }}

),

staged as (

    select
        source,
        order_id,
        crm_key,
        crm_kind,
        email_key,
        phone_key,
        status,
        currency,
        country,
        total,
        ordered_at,
        loaded_at,
    from latest

)

select * from staged
