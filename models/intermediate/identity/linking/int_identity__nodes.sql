with links as (

    select * from {{ ref('int_identity__links') }}

),

proposed_nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

linking as (

    select node_id, any_value(proposed_node_id) as proposed_node_id, from links
    group by node_id

),

nodes as (

    select
        linking.node_id,
        proposed_nodes.identifier_key,
        proposed_nodes.source,
        proposed_nodes.scope is not null or linking.node_id <> linking.proposed_node_id as is_divided,
        proposed_nodes.link_kind,
    from linking
    inner join proposed_nodes on linking.proposed_node_id = proposed_nodes.node_id

)

select * from nodes
