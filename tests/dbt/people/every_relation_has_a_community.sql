{{ config(meta={'dagster': {'ref': {'name': 'community_members'}}}) }}

-- Everybody in the social graph, and nobody else, is in one community; its size and their degrees are those of the graph.
with ends as (

    select person_id, other_person_id, from {{ ref('social_graph') }}
    union
    select other_person_id, person_id, from {{ ref('social_graph') }}

),

degrees as (

    select person_id, count(*) as degree,
    from ends
    group by person_id

),

sizes as (

    select community_id, count(*) as members,
    from {{ ref('community_members') }}
    group by community_id

)

select
    coalesce(members.person_id, degrees.person_id) as person_id,
    members.degree,
    members.community_size,
from {{ ref('community_members') }} as members
full join degrees on members.person_id = degrees.person_id
left join sizes on members.community_id = sizes.community_id
where members.degree is distinct from degrees.degree or members.community_size is distinct from sizes.members
