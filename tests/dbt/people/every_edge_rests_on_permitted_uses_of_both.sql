{{ config(meta={'dagster': {'ref': {'name': 'social_graph'}}}) }}

-- Asked of the permissions themselves. An edge tells of two people: both must permit what it rests on, or neither is in it.
with permitted as (

    select person_id, list(purpose) filter (is_permitted) as uses,
    from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null
    group by person_id

),

shown as (

    select 'social_graph' as mart, unnest([person_id, other_person_id]) as person_id, ['service', 'enrichment.social'] as needed,
    from {{ ref('social_graph') }}
    union all
    select 'community_members', person_id, ['service', 'enrichment.social'],
    from {{ ref('community_members') }}
    union all
    select 'interest_graph', person_id, ['service', 'enrichment.interests'],
    from {{ ref('interest_graph') }}
    union all
    select 'interest_graph, deeds', person_id, ['analytics.behaviour'],
    from {{ ref('interest_graph') }}
    where observed_score > 0
    union all
    select 'interest_graph, words', person_id, ['enrichment.social'],
    from {{ ref('interest_graph') }}
    where inferred_score <> 0
    union all
    select
        'graph_overlap',
        unnest([person_id, other_person_id]),
        ['service', 'enrichment.social', 'enrichment.interests'],
    from {{ ref('graph_overlap') }}

)

select shown.mart, shown.person_id,
from shown
left join permitted on shown.person_id = permitted.person_id
where not list_has_all(coalesce(permitted.uses, []), shown.needed)
