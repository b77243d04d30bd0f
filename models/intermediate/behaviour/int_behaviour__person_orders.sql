with

sales as (

    select * from {{ ref('int_behaviour__order_lines') }}
    where person_id is not null and is_sale

),

-- One row per order first: an order counts once, however many lines it has.
orders as (

    select
        person_id,
        source,
        order_id,
        coalesce(currency, '') as currency,
        min(ordered_at) as ordered_at,
        count(*) as lines,
        coalesce(sum(quantity), 0) as units,
        sum(amount) as revenue,
        sum(returned_quantity) as returned_units,
        sum(returned_amount) as returned_amount,
    from sales
    group by all

),

-- Amounts of different currencies cannot be added: money is told in the currency the person uses most.
currencies as (

    select
        person_id,
        currency,
    from orders
    group by person_id, currency
    qualify row_number() over (partition by person_id order by count(*) desc, sum(revenue) desc, currency) = 1

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
        count(distinct (orders.source, orders.order_id)) as orders,
        count(distinct (orders.source, orders.order_id)) filter (
            orders.ordered_at > {{ as_of() }} - interval 365 day
        ) as orders_365d,
        cast(sum(orders.lines) as bigint) as lines,
        cast(sum(orders.units) as decimal(18, 4)) as units,
        cast(sum(orders.returned_units) as decimal(18, 4)) as returned_units,
        nullif(any_value(currencies.currency), '') as revenue_currency,
        cast(sum(orders.revenue) filter (orders.currency = currencies.currency) as decimal(18, 4)) as revenue,
        cast(sum(orders.returned_amount) filter (orders.currency = currencies.currency) as decimal(18, 4)) as returned_amount,
        count(*) filter (orders.currency <> currencies.currency) as orders_in_other_currencies,
        min(orders.ordered_at) as first_ordered_at,
        max(orders.ordered_at) as last_ordered_at,
    from orders
    inner join currencies on orders.person_id = currencies.person_id
    group by orders.person_id

),

profiled as (

    select
        totals.person_id,
        totals.orders,
        totals.orders_365d,
        totals.lines,
        totals.units,
        totals.returned_units,
        totals.revenue_currency,
        totals.revenue,
        totals.returned_amount,
        cast(
            totals.revenue / nullif(totals.orders - totals.orders_in_other_currencies, 0) as decimal(18, 2)
        ) as average_order_value,
        totals.orders_in_other_currencies,
        coalesce(categories.categories, []) as categories,
        coalesce(seasons.seasons, []) as seasons,
        totals.first_ordered_at,
        totals.last_ordered_at,
        date_diff('day', totals.last_ordered_at, {{ as_of() }}) as days_since_last_order,
    from totals
    left join categories on totals.person_id = categories.person_id
    left join seasons on totals.person_id = seasons.person_id

)

select * from profiled
