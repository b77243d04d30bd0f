with

order_lines as (

    select * from {{ source('raw', 'order_lines') }}

),

latest as (

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
    from order_lines
    qualify row_number() over (
        partition by source, order_id, line_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from latest
