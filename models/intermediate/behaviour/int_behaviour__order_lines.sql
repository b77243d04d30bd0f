with

orders as (

    select * from {{ ref('stg_shop__orders') }}

),

order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

products as (

    select * from {{ ref('int_behaviour__products') }}

),

statuses as (

    select * from {{ ref('order_statuses') }}

),

order_persons as (

    select * from {{ ref('int_behaviour__order_persons') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}

),

-- An order delivered without lines still says that somebody bought: it becomes one line of the whole total.
lines as (

    select source, order_id, line_id, product_id, description, label, quantity, unit_price, returned_quantity, from order_lines
    union all
    select source, order_id, 'total', null, null, null, null, total, null, from orders
    anti join order_lines using (source, order_id)

),

priced as (

    select
        lines.source,
        lines.order_id,
        lines.line_id,
        lines.product_id,
        if(products.is_catalogued, products.product_name, lines.description) as product_name,
        products.category,
        products.subcategory,
        products.product_type,
        products.product_season,
        products.brand,
        orders.status,
        orders.country,
        coalesce(orders.currency, products.currency) as currency,
        -- The line's own label first, then what the order's status means; a status nobody declared is no sale.
        case
            when lines.label is not null then lines.label
            when orders.status is null then null
            when statuses.status is null then 'unknown_status'
            else statuses.label
        end as label,
        lines.quantity,
        coalesce(lines.returned_quantity, 0) as returned_quantity,
        coalesce(lines.unit_price, products.price) as unit_price,
        lines.line_id = 'total' and lines.quantity is null as is_order_total,
        orders.ordered_at,
    from lines
    inner join orders on lines.source = orders.source and lines.order_id = orders.order_id
    left join products on lines.product_id = products.product_id
    left join statuses on lower(orders.status) = statuses.status

),

valued as (

    select
        * exclude (label, is_order_total),
        case when label is null and unit_price is null then 'no_price' else label end as label,
        case
            when is_order_total then unit_price
            else cast(quantity * unit_price as decimal(18, 4))
        end as amount,
        cast(least(returned_quantity, quantity) * unit_price as decimal(18, 4)) as returned_amount,
    from priced

),

-- Who bought: a person whose data may serve the contract, else nobody and the reason.
attributed as (

    select
        md5(concat_ws('|', valued.source, valued.order_id, valued.line_id)) as order_line_key,
        if(person_uses.may_serve, order_persons.person_id, null) as person_id,
        case
            when person_uses.may_serve then null
            when order_persons.person_id is not null then coalesce(person_uses.service_reason, 'no permission known')
            when order_persons.has_link then 'identifier belongs to no single person'
            else 'anonymous order'
        end as person_masked_reason,
        valued.*,
        valued.label is null as is_sale,
    from valued
    inner join order_persons
        on valued.source = order_persons.source and valued.order_id = order_persons.order_id
    left join person_uses on order_persons.person_id = person_uses.person_id

)

select * from attributed
