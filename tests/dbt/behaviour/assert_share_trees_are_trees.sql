-- A link in two trees, or one that hangs from itself, would count its visitors twice and have no root to count them for.
{{ config(meta={'dagster': {'ref': {'name': 'share_links'}}}) }}

with

links as (

    select * from {{ ref('share_links') }}

),

trees as (

    select * from {{ ref('share_trees') }}
    where period_grain = 'all'

),

recounted as (

    select root_share_id, count(*) as links, sum(visits) as visits, max(depth) as depth from links
    group by root_share_id

)

select 'a link hangs elsewhere than its parent' as failure, links.share_id
from links
left join links as parents on links.parent_share_id = parents.share_id
where
    links.depth is distinct from coalesce(parents.depth + 1, 0)
    or links.root_share_id is distinct from coalesce(parents.root_share_id, links.share_id)
union all
select 'a tree is not its links', trees.root_share_id
from trees
full join recounted on trees.root_share_id = recounted.root_share_id
where
    coalesce(trees.root_share_id, '') <> '*'
    and (trees.links, trees.visits, trees.depth) is distinct from (recounted.links, recounted.visits, recounted.depth)
union all
select 'all trees are not their sum', '*'
from trees
where root_share_id = '*' and (links, visits) is distinct from (select (sum(links)::bigint, sum(visits)::bigint) from recounted)
union all
select 'K is not invitations times conversion', root_share_id
from {{ ref('share_trees') }}
where abs(invitations_per_sharer * conversion - k_factor) > 0.0001 * (1 + invitations_per_sharer + conversion)
