with links as (

    select * from {{ ref('int_identity__links') }}

),

proposed_nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

kept_links as (

    select * from {{ ref('int_identity__kept_links') }}

),

-- where nobody contradicts anybody a node is what was proposed; elsewhere it is what still has a link
settled as (

    select node_id, node_id as proposed_node_id from proposed_nodes
    anti join kept_links on proposed_nodes.node_id = kept_links.node_id
    union all
    select links.node_id, any_value(links.proposed_node_id) from links
    semi join kept_links on links.proposed_node_id = kept_links.node_id
    group by links.node_id

),

nodes as (

    select
        settled.node_id,
        proposed_nodes.identifier_number,
        proposed_nodes.source,
        proposed_nodes.scope is not null or settled.node_id <> settled.proposed_node_id as is_divided,
        proposed_nodes.link_kind,
    from settled
    inner join proposed_nodes on settled.proposed_node_id = proposed_nodes.node_id

)

select * from nodes
