with links as (

    select
        share_id,
        root_share_id,
        depth,
        is_orphaned,
        coalesce(cast(sharer_person_id as varchar), share_id) as sharer,
        unnest(['all', 'month']) as period_grain,
        unnest([null, cast(date_trunc('month', created_at) as date)]) as period_start,
    from {{ ref('int_dark_social__links') }}

),

link_visits as (

    select * from {{ ref('int_dark_social__link_visits') }}

),

newly_reached as (

    select link_visits.share_id, link_visits.visitor_person_id as person_id
    from link_visits
    inner join {{ ref('campaign_reach') }} as campaign_reach
        on link_visits.share_id = campaign_reach.origin
        and link_visits.visitor_person_id = campaign_reach.person_id
    where campaign_reach.origin_kind = 'share_link' and campaign_reach.is_newly_reached

),

-- The links of a period make one cohort: what became of them counts for it, whenever it did. Every tree by itself, and all.
shared as (

    select
        period_grain,
        period_start,
        coalesce(root_share_id, '*') as root_share_id,
        count(*) as links,
        count(distinct sharer) as sharers,
        count(*) filter (depth > 0) as links_passed_on,
        count(*) filter (is_orphaned) as orphaned_links,
        max(depth) as depth,
    from links
    group by grouping sets ((period_grain, period_start, root_share_id), (period_grain, period_start))

),

visited as (

    select
        links.period_grain,
        links.period_start,
        coalesce(links.root_share_id, '*') as root_share_id,
        count(*) as visits,
        count(distinct link_visits.visitor_key) as visitors,
        count(distinct link_visits.visitor_key) filter (link_visits.is_new) as new_visitors,
        count(distinct link_visits.visitor_person_id) as known_people,
        cast(sum(link_visits.orders) as bigint) as orders,
    from links
    inner join link_visits on links.share_id = link_visits.share_id
    group by grouping sets (
        (links.period_grain, links.period_start, links.root_share_id),
        (links.period_grain, links.period_start)
    )

),

met as (

    select
        links.period_grain,
        links.period_start,
        coalesce(links.root_share_id, '*') as root_share_id,
        count(distinct newly_reached.person_id) as people,
    from links
    inner join newly_reached on links.share_id = newly_reached.share_id
    group by grouping sets (
        (links.period_grain, links.period_start, links.root_share_id),
        (links.period_grain, links.period_start)
    )

),

measured as (

    select
        shared.period_grain,
        shared.period_start,
        shared.root_share_id,
        shared.links,
        shared.links_passed_on,
        shared.orphaned_links,
        shared.depth,
        shared.sharers,
        coalesce(visited.visits, 0) as visits,
        coalesce(visited.visitors, 0) as visitors,
        coalesce(visited.new_visitors, 0) as new_visitors,
        coalesce(visited.known_people, 0) as known_people,
        coalesce(met.people, 0) as newly_reached_people,
        coalesce(visited.orders, 0) as orders,
        round(shared.links / shared.sharers, 4) as invitations_per_sharer,
        round(coalesce(visited.visitors, 0) / shared.links, 4) as conversion,
        round(coalesce(visited.visitors, 0) / shared.sharers, 4) as k_factor,
        round(coalesce(visited.new_visitors, 0) / shared.sharers, 4) as k_factor_new,
    from shared
    left join visited
        on shared.period_grain = visited.period_grain
        and shared.period_start is not distinct from visited.period_start
        and shared.root_share_id = visited.root_share_id
    left join met
        on shared.period_grain = met.period_grain
        and shared.period_start is not distinct from met.period_start
        and shared.root_share_id = met.root_share_id

)

select * from measured
