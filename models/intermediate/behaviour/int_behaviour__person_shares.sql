with

shares as (

    select * from {{ ref('int_behaviour__shares') }}
    where linked_person_id is not null

),

visits as (

    select * from {{ ref('int_behaviour__share_visits') }}

),

orders as (

    select person_id, source, order_id, min(ordered_at) as ordered_at
    from {{ ref('int_behaviour__order_lines') }}
    where person_id is not null and is_sale
    group by all

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_analyse

),

shared as (

    select
        linked_person_id as person_id,
        count(*) as shares,
        count(distinct channel) as channels,
        min(created_at) as first_shared_at,
        max(created_at) as last_shared_at,
    from shares
    group by linked_person_id

),

referred_visits as (

    select
        sharer_person_id as person_id,
        count(*) as referred_visits,
        count(distinct visitor_person_id) as referred_persons,
    from visits
    group by sharer_person_id

),

-- An order counts for the last link that its buyer came through, within the window.
referred_orders as (

    select
        person_id,
        count(*) as referred_orders,
    from (
        select visits.sharer_person_id as person_id
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
    group by person_id

),

profiled as (

    select
        shared.person_id,
        shared.shares,
        shared.channels,
        coalesce(referred_visits.referred_visits, 0) as referred_visits,
        coalesce(referred_visits.referred_persons, 0) as referred_persons,
        coalesce(referred_orders.referred_orders, 0) as referred_orders,
        shared.first_shared_at,
        shared.last_shared_at,
    from shared
    inner join person_uses on shared.person_id = person_uses.person_id
    left join referred_visits on shared.person_id = referred_visits.person_id
    left join referred_orders on shared.person_id = referred_orders.person_id

)

select * from profiled
