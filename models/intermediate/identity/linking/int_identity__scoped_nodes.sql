with mentions as (

    select * from {{ ref('int_identity__work_mentions') }}

),

identifiers as (

    select identifier_number, link_kind, priority, link_scope, from {{ worked('guards') }}
    where link_scope in ('source', 'person')

),

shared_identifiers as (

    select * from {{ of_work('int_identity__shared_identifiers', 'identifier_number') }}

),

-- an identifier that links within one source or one person's records only is another node for each
scoped as (

    select identifiers.identifier_number, mentions.source, null as scope, identifiers.link_kind, identifiers.priority
    from identifiers
    inner join mentions on identifiers.identifier_number = mentions.identifier_number
    where identifiers.link_scope = 'source'
    group by all
    union all
    select identifiers.identifier_number, null, shared_identifiers.scope, identifiers.link_kind, identifiers.priority
    from identifiers
    inner join shared_identifiers on identifiers.identifier_number = shared_identifiers.identifier_number
    where identifiers.link_scope = 'person'
    group by all

),

numbered as (

    select
        {{ part_number(['identifier_number', 'source', 'scope']) }} as node_id,
        *,
    from scoped

)

select * from numbered
