{{ config(meta={'dagster': {'ref': {'name': 'customer_profile'}}}) }}

-- What the profile says of purchases and of customer service is what the facts of the same person add up to.
with profiles as (

    select * from {{ ref('customer_profile') }}
    where orders_masked_reason is null

),

bought as (

    select
        order_facts.person_id,
        count(distinct (order_facts.source, order_facts.order_id)) filter (order_facts.is_sale) as orders,
        coalesce(sum(order_facts.quantity) filter (order_facts.is_sale), 0) as units,
        sum(order_facts.returned_quantity) as returned_units,
        coalesce(sum(order_facts.revenue) filter (order_facts.currency is not distinct from profiles.revenue_currency), 0)
            as revenue,
        coalesce(sum(order_facts.returned_amount) filter (order_facts.currency is not distinct from profiles.revenue_currency), 0)
            as returned_amount,
        min(order_facts.ordered_at) filter (order_facts.is_sale) as first_ordered_at,
        max(order_facts.ordered_at) filter (order_facts.is_sale) as last_ordered_at,
    from {{ ref('order_facts') }} as order_facts
    inner join profiles on order_facts.person_id = profiles.person_id
    group by order_facts.person_id

),

asked as (

    select person_id, count(*) as conversations, count(*) filter (not is_resolved) as open_conversations,
    from {{ ref('service_conversations') }}
    group by person_id

)

select profiles.person_id
from profiles
left join bought on profiles.person_id = bought.person_id
left join asked on profiles.person_id = asked.person_id
where
    profiles.orders <> coalesce(bought.orders, 0)
    or profiles.units <> coalesce(bought.units, 0)
    or profiles.returned_units <> coalesce(bought.returned_units, 0)
    or profiles.revenue <> coalesce(bought.revenue, 0)
    or profiles.returned_amount <> coalesce(bought.returned_amount, 0)
    or profiles.first_ordered_at is distinct from bought.first_ordered_at
    or profiles.last_ordered_at is distinct from bought.last_ordered_at
    or profiles.orders_365d not between 0 and profiles.orders
    or profiles.conversations <> coalesce(asked.conversations, 0)
    or profiles.open_conversations <> coalesce(asked.open_conversations, 0)
