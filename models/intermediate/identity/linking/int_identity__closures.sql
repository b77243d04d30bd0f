{%- set edges -%}
    select
        min(node_id) over (partition by record_key) as a,
        node_id as b,
    from {{ ref('int_identity__proposed_links') }}
    where link_kind in ('account', 'contact')
{%- endset -%}

with nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}
    where link_kind in ('account', 'contact')

),

components as (

    {{ connected_components(edges, 'identity_closures') }}

),

closures as (

    select
        nodes.node_id,
        coalesce(components.component_id, nodes.node_id) as closure_id,
    from nodes
    left join components on nodes.node_id = components.node_id

)

select * from closures
