{{ config(materialized='view') }}

with identifiers as (

    select * from {{ worked('guards') }}

),

scoped_nodes as (

    select * from {{ ref('int_identity__scoped_nodes') }}

),

-- most identifiers are one node, which has their number: nothing has to be joined to know it
nodes as (

    select identifier_number as node_id, identifier_number, link_kind, priority
    from identifiers
    where link_scope = 'everywhere'
    union all
    select node_id, identifier_number, link_kind, priority
    from scoped_nodes

)

select * from nodes
