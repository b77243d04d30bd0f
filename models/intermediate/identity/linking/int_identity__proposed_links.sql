with mentions as (

    select * from {{ ref('int_identity__work_mentions') }}

),

source_nodes as (

    select node_id, identifier_number, source, link_kind, from {{ ref('int_identity__scoped_nodes') }}
    where source is not null

),

person_nodes as (

    select node_id, identifier_number, scope, link_kind, from {{ ref('int_identity__scoped_nodes') }}
    where scope is not null

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
    from {{ worked('guards') }}
    where link_scope <> 'everywhere' or link_kind not in ('account', 'contact')

),

whole as (

    select
        mentions.record_number,
        mentions.identifier_number as node_id,
        coalesce(exceptions.is_joining, true) as is_joining,
        mentions.name_number,
        mentions.birth_date,
    from mentions
    left join exceptions on mentions.identifier_number = exceptions.identifier_number
    where coalesce(exceptions.is_whole, true)

),

of_source as (

    select
        mentions.record_number,
        nodes.node_id,
        nodes.link_kind in ('account', 'contact') as is_joining,
        mentions.name_number,
        mentions.birth_date,
    from source_nodes as nodes
    inner join mentions on nodes.identifier_number = mentions.identifier_number and nodes.source = mentions.source

),

-- a record that does not say whose it is has no place at an identifier that several people share
divided as (

    select
        mentions.record_number,
        nodes.node_id,
        nodes.link_kind in ('account', 'contact') as is_joining,
        mentions.name_number,
        mentions.birth_date,
    from mentions
    inner join shared_identifiers
        on mentions.identifier_number = shared_identifiers.identifier_number
        and mentions.name_number is not distinct from shared_identifiers.name_number
        and mentions.birth_date is not distinct from shared_identifiers.birth_date
    inner join person_nodes as nodes
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
