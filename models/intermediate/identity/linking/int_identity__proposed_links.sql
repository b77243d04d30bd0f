with mentions as (

    select * from {{ ref('int_identity__work_mentions') }}

),

nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

shared_identifiers as (

    select * from {{ of_work('int_identity__shared_identifiers', 'identifier_number') }}

),

-- most identifiers link everywhere and join whom they name: only the others are looked up
exceptions as (

    select
        identifier_number,
        link_scope = 'everywhere' as is_whole,
        coalesce(link_kind in ('account', 'contact'), false) as is_joining,
    from {{ ref('int_identity__identifiers') }}
    where link_scope <> 'everywhere' or link_kind not in ('account', 'contact')

),

whole as (

    select mentions.record_number, mentions.identifier_number as node_id, coalesce(exceptions.is_joining, true) as is_joining
    from mentions
    left join exceptions on mentions.identifier_number = exceptions.identifier_number
    where coalesce(exceptions.is_whole, true)

),

of_source as (

    select mentions.record_number, nodes.node_id, nodes.link_kind in ('account', 'contact') as is_joining
    from mentions
    inner join nodes on mentions.identifier_number = nodes.identifier_number and mentions.source = nodes.source

),

-- a record that does not say whose it is has no place at an identifier that several people share
divided as (

    select mentions.record_number, nodes.node_id, nodes.link_kind in ('account', 'contact') as is_joining
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
