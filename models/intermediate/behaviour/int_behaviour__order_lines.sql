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

season_months as (

    select * from {{ ref('season_months') }}

),

southern_countries as (

    select * from {{ ref('southern_countries') }}

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
        coalesce(orders.currency, products.currency) as currency,
        lines.quantity,
        coalesce(lines.returned_quantity, 0) as returned_quantity,
        coalesce(lines.unit_price, products.price) as unit_price,
        coalesce(
            lines.label,
            orders.label,
            if(coalesce(lines.unit_price, products.price, lines.total) is null, 'no_price', null)
        ) as label,
        coalesce(lines.total, cast(lines.quantity * coalesce(lines.unit_price, products.price) as decimal(18, 4))) as amount,
        orders.ordered_at,
    from lines
    inner join orders on lines.source = orders.source and lines.order_id = orders.order_id
    left join products on lines.product_id = products.product_id

),

-- The season in which the order was placed, where the buyer is; an unknown country counts as northern.
valued as (

    select
        priced.*,
        season_months.season as order_season,
        cast(least(priced.returned_quantity, priced.quantity) * priced.unit_price as decimal(18, 4)) as returned_amount,
        priced.label is null as is_sale,
    from priced
    left join southern_countries on priced.country = southern_countries.country
    left join season_months
        on month(priced.ordered_at) = season_months.month
        and season_months.hemisphere = if(southern_countries.country is null, 'north', 'south')

)

select * from valued
