with

orders as (

    select * from {{ ref('int_behaviour__orders') }}

),

order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

products as (

    select * from {{ ref('int_behaviour__products') }}

),

-- An order delivered without lines still says that somebody bought: it becomes one line of the whole total.
totals as (

    select source, order_id, total, currency from orders
    anti join order_lines on orders.source = order_lines.source and orders.order_id = order_lines.order_id

),

lines as (

    select
        source, order_id, line_id, product_id, description, label, quantity,
        unit_price, returned_quantity, cast(null as decimal(18, 4)) as total,
    from order_lines
    union all
    select source, order_id, 'total', null, null, null, null, null, null, total from totals

),

-- A line without a price of its own counts at the product's. The line's own label comes before the order's.
priced as (

    select
        lines.source,
        lines.order_id,
        lines.line_id,
        orders.person_id,
        orders.person_masked_reason,
        lines.product_id,
        if(products.is_catalogued, products.product_name, lines.description) as product_name,
        products.category,
        products.subcategory,
        products.product_type,
        products.product_season,
        products.brand,
        orders.status,
        orders.country,
        orders.order_season,
        coalesce(orders.currency, products.currency) as currency,
        lines.quantity,
        lines.returned_quantity as units_back,
        coalesce(lines.unit_price, products.price) as unit_price,
        coalesce(lines.label, orders.label) as known_label,
        -- wide enough for any two numbers that were loaded; what no column of money can hold has no amount
        coalesce(
            lines.total,
            try_cast(
                cast(lines.quantity as decimal(38, 4)) * coalesce(lines.unit_price, products.price) as decimal(18, 4)
            )
        ) as amount,
        orders.ordered_at,
    from lines
    inner join orders on lines.source = orders.source and lines.order_id = orders.order_id
    left join products on lines.product_id = products.product_id

),

-- What a line of its own takes back (units or a total below zero) is a return and no sale; of a sale no more can come back
-- than was sold.
labelled as (

    select
        * exclude (known_label, units_back),
        case
            when known_label is not null then known_label
            when unit_price is null and amount is null then 'no_price'
            when amount is null or greatest(abs(amount), abs(quantity)) > {{ var('order_line_limit') }} then 'out_of_range'
            when quantity = 0 then 'no_quantity'
            when coalesce(quantity, amount) < 0 then 'return'
        end as label,
        case
            when label is null then least(greatest(coalesce(units_back, 0), 0), coalesce(quantity, 0))
            when label = 'return' then coalesce(-quantity, 0)
            else 0
        end as returned_quantity,
        case
            when label is null then cast(returned_quantity * cast(unit_price as decimal(38, 4)) as decimal(18, 4))
            when label = 'return' then -amount
            else 0
        end as returned_amount,
    from priced

),

valued as (

    select *, label is null as is_sale, from labelled

)

select * from valued
