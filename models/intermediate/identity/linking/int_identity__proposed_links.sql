with claims as (

    select * from {{ ref('int_identity__claims') }}

),

nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

shared_identifiers as (

    select * from {{ ref('int_identity__shared_identifiers') }}

),

-- a record that does not say whose it is has no place at an identifier that several people share
whole as (

    select claims.record_key, claims.entity, claims.source, claims.identifier_key, claims.kind_family, claims.name_number,
        claims.birth_date, claims.first_seen_at, nodes.node_id, nodes.link_kind, nodes.priority,
    from claims
    inner join nodes on claims.identifier_key = nodes.identifier_key
    where nodes.scope is null and (nodes.source is null or nodes.source = claims.source)

),

divided as (

    select claims.record_key, claims.entity, claims.source, claims.identifier_key, claims.kind_family, claims.name_number,
        claims.birth_date, claims.first_seen_at, nodes.node_id, nodes.link_kind, nodes.priority,
    from claims
    inner join shared_identifiers
        on claims.identifier_key = shared_identifiers.identifier_key
        and claims.name_number is not distinct from shared_identifiers.name_number
        and claims.birth_date is not distinct from shared_identifiers.birth_date
    inner join nodes
        on claims.identifier_key = nodes.identifier_key
        and shared_identifiers.scope = nodes.scope

),

links as (

    select * from whole
    union all
    select * from divided

)

select * from links
