{%- set edges -%}
    with parts as (
        select record_key, dense_rank() over (order by part_key) as part_id, from {{ ref('int_identity__record_parts') }}
    )
    select a.part_id as a, b.part_id as b,
    from {{ ref('int_identity__alike_decisions') }} as decisions
    inner join parts as a on decisions.record_a = a.record_key
    inner join parts as b on decisions.record_b = b.record_key
    where decisions.decision in ('automatic', 'accepted')
{%- endset -%}

with parts as (

    select
        *,
        dense_rank() over (order by part_key) as part_id,
    from {{ ref('int_identity__record_parts') }}

),

wide_clusters as (

    select * from {{ ref('int_identity__wide_clusters') }}

),

components as (

    {{ connected_components(edges, 'identity_components') }}

),

-- what identifiers and consent leave together, and likeness joins where both people permit it
joined as (

    select
        parts.record_key,
        parts.entity,
        parts.source,
        coalesce(wide_clusters.wide_cluster_id, parts.cluster_id) as cluster_id,
        coalesce('alike ' || components.component_id, parts.part_key) as component_key,
        parts.first_seen_at,
    from parts
    left join components on parts.part_id = components.node_id
    left join wide_clusters on parts.cluster_id = wide_clusters.cluster_id

)

select * from joined
