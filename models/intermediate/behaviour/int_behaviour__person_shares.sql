with shares as (

    select * from {{ ref('int_behaviour__shares') }}
    where linked_person_id is not null

),

visits as (

    select * from {{ ref('int_behaviour__share_visits') }}

),

orders as (

    select * from {{ ref('int_behaviour__referred_orders') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_analyse

),

-- What counts for a score is capped by the day; a visitor and a buyer count once per sharer at all.
shared as (

    select
        person_id,
        sum(shares) as shares,
        sum(least(shares, {{ var('ambassador_daily_share_cap') }})) as counted_shares,
        min(first_shared_at) as first_shared_at,
        max(last_shared_at) as last_shared_at,
    from (
        select
            linked_person_id as person_id,
            count(*) as shares,
            min(created_at) as first_shared_at,
            max(created_at) as last_shared_at,
        from shares
        group by linked_person_id, cast(created_at as date)
    )
    group by person_id

),

channels as (

    select linked_person_id as person_id, count(distinct channel) as channels
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

counted_visits as (

    select person_id, sum(least(visitors, {{ var('ambassador_daily_visit_cap') }})) as counted_visits
    from (
        select person_id, count(*) as visitors
        from (
            select sharer_person_id as person_id, min(visited_at) as visited_at
            from visits
            group by sharer_person_id, if(visitor_person_id is null, visitor_id, hash(visitor_person_id))
        )
        group by person_id, cast(visited_at as date)
    )
    group by person_id

),

referred_orders as (

    select sharer_person_id as person_id, count(*) as referred_orders
    from orders
    group by sharer_person_id

),

counted_orders as (

    select person_id, sum(least(buyers, {{ var('ambassador_daily_order_cap') }})) as counted_orders
    from (
        select person_id, count(*) as buyers
        from (
            select sharer_person_id as person_id, min(ordered_at) as ordered_at
            from orders
            group by sharer_person_id, buyer_person_id
        )
        group by person_id, cast(ordered_at as date)
    )
    group by person_id

),

profiled as (

    select
        shared.person_id,
        cast(shared.shares as bigint) as shares,
        channels.channels,
        coalesce(referred_visits.referred_visits, 0) as referred_visits,
        coalesce(referred_visits.referred_persons, 0) as referred_persons,
        coalesce(referred_orders.referred_orders, 0) as referred_orders,
        cast(shared.counted_shares as bigint) as counted_shares,
        cast(coalesce(counted_visits.counted_visits, 0) as bigint) as counted_visits,
        cast(coalesce(counted_orders.counted_orders, 0) as bigint) as counted_orders,
        shared.first_shared_at,
        shared.last_shared_at,
    from shared
    inner join channels on shared.person_id = channels.person_id
    inner join person_uses on shared.person_id = person_uses.person_id
    left join referred_visits on shared.person_id = referred_visits.person_id
    left join referred_orders on shared.person_id = referred_orders.person_id
    left join counted_visits on shared.person_id = counted_visits.person_id
    left join counted_orders on shared.person_id = counted_orders.person_id

)

select * from profiled
