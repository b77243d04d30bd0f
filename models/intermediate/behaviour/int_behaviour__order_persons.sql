with

orders as (

    select
        *,
        {{ record_key('orders', ['source', 'order_id']) }} as record_key,
    from {{ ref('stg_shop__orders') }}

),

person_records as (

    select record_key, person_id from {{ ref('int_identity__person_records') }}
    where entity = 'orders'

),

-- An order is a record like any other: identity decided whose it is, and an order without a link is nobody's.
linked as (

    select
        orders.source,
        orders.order_id,
        person_records.person_id,
        coalesce(orders.crm_key, orders.email_key, orders.phone_key) is not null as has_link,
    from orders
    left join person_records on orders.record_key = person_records.record_key

)

select * from linked
