{{ config(materialized='view') }}

with links as (

    select * from {{ of_work('int_identity__links') }}

),

kept_links as (

    select * from {{ ref('int_identity__kept_links') }}

),

-- where somebody contradicts somebody a node is what still has a link
settled as (

    select
        links.node_id,
        any_value(links.proposed_node_id) as proposed_node_id,
    from links
    semi join kept_links on links.proposed_node_id = kept_links.node_id
    group by links.node_id

),

-- elsewhere it is what was proposed
nodes as (

    select node_id, identifier_number, link_kind,
    from {{ ref('int_identity__proposed_nodes') }}
    anti join kept_links using (node_id)
    union all
    select settled.node_id, proposed_nodes.identifier_number, proposed_nodes.link_kind,
    from settled
    inner join {{ ref('int_identity__proposed_nodes') }} as proposed_nodes
        on settled.proposed_node_id = proposed_nodes.node_id

)

select * from nodes
