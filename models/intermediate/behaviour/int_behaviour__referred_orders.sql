with visits as (

    select * from {{ ref('int_behaviour__share_visits') }}
    where visitor_person_id is not null

),

orders as (

    select person_id, source, order_id, min(ordered_at) as ordered_at
    from {{ ref('int_behaviour__order_lines') }}
    where person_id is not null and is_sale
    group by all

),

-- An order counts for the last link that its buyer came through, within the window.
referred as (

    select
        orders.source,
        orders.order_id,
        visits.share_id,
        visits.sharer_person_id,
        visits.visitor_person_id as buyer_person_id,
        orders.ordered_at,
    from orders
    inner join visits
        on orders.person_id = visits.visitor_person_id
        and orders.ordered_at >= visits.visited_at
        and orders.ordered_at < visits.visited_at + interval {{ var('referral_window_days') }} day
    qualify row_number() over (
        partition by orders.source, orders.order_id
        order by visits.visited_at desc, visits.share_id
    ) = 1

)

select * from referred
