{#- a record that names one node joins nothing -#}
{%- set edges -%}
    with links as (
        select record_number, node_id from {{ ref('int_identity__proposed_links') }}
        where is_joining
    ),
    joining as (
        select record_number, min(node_id) as node_id, from links
        group by record_number
        having min(node_id) < max(node_id)
    )
    select joining.node_id as a, links.node_id as b,
    from links
    inner join joining on links.record_number = joining.record_number
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
