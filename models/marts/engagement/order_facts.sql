with

order_lines as (

    select * from {{ ref('int_behaviour__order_lines') }}

),

keyed as (

    select
        md5(concat_ws('|', order_lines.source, order_lines.order_id, order_lines.line_id)) as order_line_key,
        order_lines.source,
        order_lines.order_id,
        order_lines.line_id,
        order_lines.person_id,
        order_lines.person_masked_reason,
        order_lines.product_id,
        order_lines.product_name,
        order_lines.category,
        order_lines.subcategory,
        order_lines.product_type,
        order_lines.brand,
        order_lines.product_season,
        order_lines.order_season,
        order_lines.country,
        order_lines.status,
        order_lines.label,
        order_lines.is_sale,
        order_lines.currency,
        order_lines.quantity,
        order_lines.unit_price,
        order_lines.amount,
        if(order_lines.is_sale, order_lines.amount, 0) as revenue,
        order_lines.returned_quantity,
        if(order_lines.is_sale or order_lines.label = 'return', coalesce(order_lines.returned_amount, 0), 0) as returned_amount,
        order_lines.ordered_at,
    from order_lines

)

select * from keyed
