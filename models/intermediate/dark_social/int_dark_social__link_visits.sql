with links as (

    select * from {{ ref('int_dark_social__links') }}

),

share_visits as (

    select * from {{ ref('int_behaviour__share_visits') }}

),

visits as (

    select * from {{ ref('int_dark_social__visits') }}

),

referred_orders as (

    select share_id, buyer_person_id, count(*) as orders
    from {{ ref('int_behaviour__referred_orders') }}
    group by share_id, buyer_person_id

),

-- A visitor is the person where that may be known, else the browser. An order of somebody who came by two browsers counts once.
described as (

    select
        links.share_id,
        share_visits.session_id,
        visits.session_key,
        if(share_visits.visitor_person_id is null, share_visits.visitor_id, hash(share_visits.visitor_person_id)) as visitor_key,
        share_visits.visitor_person_id,
        visits.is_new,
        if(
            row_number() over (
                partition by links.share_id, share_visits.visitor_person_id
                order by share_visits.visited_at, share_visits.session_id
            ) = 1,
            coalesce(referred_orders.orders, 0), 0
        ) as orders,
        share_visits.visited_at,
    from share_visits
    inner join links on share_visits.share_id = links.share_id
    inner join visits on share_visits.session_id = visits.session_id
    left join referred_orders
        on share_visits.share_id = referred_orders.share_id
        and share_visits.visitor_person_id = referred_orders.buyer_person_id

)

select * from described
