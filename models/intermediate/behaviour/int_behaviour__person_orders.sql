with

order_lines as (

    select * from {{ ref('int_behaviour__order_lines') }}
    where person_id is not null and (is_sale or label = 'return')

),

sales as (

    select * from order_lines
    where is_sale

),

-- One row per order first: an order counts once, however many lines it has. One that only takes back is no purchase.
orders as (

    select
        person_id,
        source,
        order_id,
        coalesce(currency, '') as currency,
        bool_or(is_sale) as is_purchase,
        min(ordered_at) filter (is_sale) as ordered_at,
        count(*) filter (is_sale) as lines,
        coalesce(sum(quantity) filter (is_sale), 0) as units,
        coalesce(sum(amount) filter (is_sale), 0) as revenue,
        coalesce(sum(returned_quantity), 0) as returned_units,
        coalesce(sum(returned_amount), 0) as returned_amount,
    from order_lines
    group by all

),

-- Amounts of different currencies cannot be added: money is told in the currency the person uses most.
currencies as (

    select
        person_id,
        currency,
    from orders
    group by person_id, currency
    qualify row_number() over (
        partition by person_id
        order by count(*) filter (is_purchase) desc, sum(revenue) desc, currency
    ) = 1

),

categories as (

    select
        person_id,
        {{ ranked_list('category', 'lines') }} as categories,
    from (
        select person_id, coalesce(subcategory, category) as category, count(*) as lines, from sales
        where coalesce(subcategory, category) is not null
        group by all
    )
    group by person_id

),

seasons as (

    select
        person_id,
        {{ ranked_list('order_season', 'orders') }} as seasons,
    from (
        select person_id, order_season, count(distinct (source, order_id)) as orders from sales
        where order_season is not null
        group by all
    )
    group by person_id

),

totals as (

    select
        orders.person_id,
        count(distinct (orders.source, orders.order_id)) filter (orders.is_purchase) as orders,
        count(distinct (orders.source, orders.order_id)) filter (
            orders.ordered_at > {{ as_of() }} - interval 365 day
        ) as orders_365d,
        cast(sum(orders.lines) as bigint) as lines,
        cast(sum(orders.units) as decimal(18, 4)) as units,
        cast(sum(orders.returned_units) as decimal(18, 4)) as returned_units,
        nullif(any_value(currencies.currency), '') as revenue_currency,
        cast(sum(orders.revenue) filter (orders.currency = currencies.currency) as decimal(18, 4)) as revenue,
        cast(sum(orders.returned_amount) filter (orders.currency = currencies.currency) as decimal(18, 4)) as returned_amount,
        cast(
            sum(orders.revenue) filter (orders.currency = currencies.currency)
            / nullif(count(*) filter (orders.is_purchase and orders.currency = currencies.currency), 0) as decimal(18, 2)
        ) as average_order_value,
        count(*) filter (orders.is_purchase and orders.currency <> currencies.currency) as orders_in_other_currencies,
        min(orders.ordered_at) as first_ordered_at,
        max(orders.ordered_at) as last_ordered_at,
    from orders
    inner join currencies on orders.person_id = currencies.person_id
    group by orders.person_id

),

profiled as (

    select
        totals.*,
        coalesce(categories.categories, []) as categories,
        coalesce(seasons.seasons, []) as seasons,
        date_diff('day', totals.last_ordered_at, {{ as_of() }}) as days_since_last_order,
    from totals
    left join categories on totals.person_id = categories.person_id
    left join seasons on totals.person_id = seasons.person_id

)

select * from profiled
