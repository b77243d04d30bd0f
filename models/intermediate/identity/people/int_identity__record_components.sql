{%- set edges -%}
    select a.part_id as a, b.part_id as b,
    from {{ ref('int_identity__alike_decisions') }} as decisions
    inner join {{ of_work('int_identity__record_parts') }} as a on {{ key_number('decisions.record_a') }} = a.record_number
    inner join {{ of_work('int_identity__record_parts') }} as b on {{ key_number('decisions.record_b') }} = b.record_number
    where decisions.decision in ('automatic', 'accepted')
{%- endset -%}

with parts as (

    select * from {{ of_work('int_identity__record_parts') }}

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
        parts.record_number,
        coalesce(wide_clusters.wide_cluster_id, parts.cluster_id) as cluster_id,
        coalesce(components.component_id, parts.part_id) as component_id,
        parts.first_seen_at,
    from parts
    left join components on parts.part_id = components.node_id
    left join wide_clusters on parts.cluster_id = wide_clusters.cluster_id

)

select * from joined
