-- What cleaning leaves out is labelled, never lost: the facts hold each staged line of each staged order, and one line for
-- each order that came without lines.
{{ config(meta={'dagster': {'ref': {'name': 'order_facts'}}}) }}

with

orders as (

    select source, order_id from {{ ref('stg_shop__orders') }}

),

order_lines as (

    select source, order_id, line_id from {{ ref('stg_shop__order_lines') }}

),

expected as (

    select source, order_id, line_id from order_lines
    semi join orders using (source, order_id)
    union all
    select source, order_id, 'total' from orders
    anti join order_lines using (source, order_id)

),

facts as (

    select source, order_id, line_id from {{ ref('order_facts') }}

)

(select *, 'missing' as failure from expected except all select *, 'missing' from facts)
union all
(select *, 'invented' from facts except all select *, 'invented' from expected)
