{%- set edges -%}
    select node_a as a, node_b as b, from {{ of_work('int_identity__alike_decisions', 'record_key', own='record_a') }}
    where decision in ('automatic', 'accepted') or (decision = 'refused' and is_believed)
{%- endset -%}

with nodes as (

    select
        node_id,
        min(cluster_id) as cluster_id,
        min(record_key) as record_key,
    from {{ ref('int_identity__alike_nodes') }}
    group by node_id

),

components as (

    {{ connected_components(edges, 'identity_wide') }}

),

-- everybody who may be one human by identifiers or by likeness, permitted or not
widened as (

    select
        nodes.node_id,
        nodes.cluster_id,
        min(nodes.cluster_id) over (partition by components.component_id) as wide_cluster_id,
    from components
    inner join nodes on components.node_id = nodes.node_id

)

select * from widened
