with links as (

    select * from {{ ref('int_dark_social__links') }}

),

link_visits as (

    select * from {{ ref('int_dark_social__link_visits') }}

),

visits as (

    select
        share_id,
        count(*) as visits,
        count(*) filter (is_new) as new_visits,
        count(distinct visitor_person_id) as known_people,
        cast(sum(orders) as bigint) as orders,
        min(visited_at) as first_visited_at,
        max(visited_at) as last_visited_at,
    from link_visits
    group by share_id

),

newly_reached as (

    select link_visits.share_id, count(distinct link_visits.visitor_person_id) as people
    from link_visits
    inner join {{ ref('campaign_reach') }} as campaign_reach
        on link_visits.share_id = campaign_reach.origin
        and link_visits.visitor_person_id = campaign_reach.person_id
    where campaign_reach.origin_kind = 'share_link' and campaign_reach.is_newly_reached
    group by link_visits.share_id

),

passed_on as (

    select parent_share_id as share_id, count(*) as links
    from links
    where parent_share_id is not null
    group by parent_share_id

),

described as (

    select
        links.share_id,
        links.parent_share_id,
        links.root_share_id,
        links.depth,
        links.is_orphaned,
        links.channel,
        links.is_private,
        links.page,
        coalesce(passed_on.links, 0) as links_passed_on,
        coalesce(visits.visits, 0) as visits,
        coalesce(visits.new_visits, 0) as new_visits,
        coalesce(visits.known_people, 0) as known_people,
        coalesce(newly_reached.people, 0) as newly_reached_people,
        coalesce(visits.orders, 0) as orders,
        links.created_at,
        visits.first_visited_at,
        visits.last_visited_at,
    from links
    left join visits on links.share_id = visits.share_id
    left join newly_reached on links.share_id = newly_reached.share_id
    left join passed_on on links.share_id = passed_on.share_id

)

select * from described
