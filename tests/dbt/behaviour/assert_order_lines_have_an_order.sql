-- Lines whose order was never delivered are in no mart: a delivery is incomplete, which is worth knowing and blocks nothing.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_shop__order_lines'}}}) }}

select
    order_lines.source,
    count(*) as lines,
from {{ ref('stg_shop__order_lines') }} as order_lines
anti join {{ source('raw', 'orders') }} as orders
    on order_lines.source = orders.source and order_lines.order_id = orders.order_id
group by order_lines.source
