{%- set edges -%}
    select
        min(node_id) over (partition by record_number) as a,
        node_id as b,
    from {{ ref('int_identity__doubtful_links') }}
    where node_id is not null
{%- endset -%}

with nodes as (

    select * from {{ ref('int_identity__nodes') }}
    where link_kind in ('account', 'contact')

),

closures as (

    select * from {{ ref('int_identity__closures') }}

),

untangled as (

    select * from {{ ref('int_identity__untangled') }}

),

components as (

    {{ connected_components(edges, 'identity_clusters') }}

),

-- most groups of records contradict nothing and are what their links make them
clusters as (

    select
        nodes.node_id,
        nodes.identifier_number,
        nodes.link_kind,
        coalesce(components.component_id, untangled.cluster_id, closures.closure_id, nodes.node_id) as cluster_id,
    from nodes
    left join components on nodes.node_id = components.node_id
    left join untangled on nodes.node_id = untangled.node_id
    left join closures on nodes.node_id = closures.node_id

)

select * from clusters
