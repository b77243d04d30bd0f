with claims as (

    select * from {{ ref('int_identity__claims') }}

),

nodes as (

    select * from {{ ref('int_identity__nodes') }}

),

links as (

    select
        claims.record_key,
        claims.entity,
        claims.source,
        nodes.node_id,
        nodes.link_kind,
        claims.identifier_key,
        claims.kind_family,
        claims.first_seen_at,
    from claims
    inner join nodes
        on claims.identifier_key = nodes.identifier_key
        and (nodes.source is null or nodes.source = claims.source)

)

select * from links
