with

order_lines as (

    select * from {{ source('raw', 'order_lines') }}

),

latest as (

    {{ latest_deliveries('order_lines', ['source', 'order_id', 'line_id']) }}

),

staged as (

    select
        source,
        order_id,
        line_id,
        product_id,
        description,
        label,
        quantity,
        unit_price,
        returned_quantity,
        loaded_at,
    from latest

)

select * from staged
