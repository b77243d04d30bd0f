with mentions as (

    select * from {{ ref('int_identity__mentions') }}

),

nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

shared_identifiers as (

    select * from {{ ref('int_identity__shared_identifiers') }}

),

whole as (

    select mentions.record_number, nodes.node_id, nodes.priority
    from mentions
    inner join nodes on mentions.identifier_number = nodes.node_id
    where nodes.source is null and nodes.scope is null

),

of_source as (

    select mentions.record_number, nodes.node_id, nodes.priority
    from mentions
    inner join nodes on mentions.identifier_number = nodes.identifier_number and mentions.source = nodes.source

),

-- a record that does not say whose it is has no place at an identifier that several people share
divided as (

    select mentions.record_number, nodes.node_id, nodes.priority
    from mentions
    inner join shared_identifiers
        on mentions.identifier_number = shared_identifiers.identifier_number
        and mentions.name_number is not distinct from shared_identifiers.name_number
        and mentions.birth_date is not distinct from shared_identifiers.birth_date
    inner join nodes
        on mentions.identifier_number = nodes.identifier_number
        and shared_identifiers.scope = nodes.scope

),

links as (

    select * from whole
    union all
    select * from of_source
    union all
    select * from divided

)

select * from links
