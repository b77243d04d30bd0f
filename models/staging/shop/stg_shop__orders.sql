with

orders as (

    select * from {{ source('raw', 'orders') }}

),

latest as (

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
    from orders
    where ordered_at <= {{ as_of() }}
    qualify row_number() over (
        partition by source, order_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from latest
