with claims as (

    select * from {{ ref('int_identity__claims') }}

),

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

linked_identifiers as (

    select * from {{ ref('int_identity__linked_identifiers') }}

),

proposed_nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

kept_links as (

    select * from {{ ref('int_identity__kept_links') }}

),

doubtful_links as (

    select * from {{ ref('int_identity__doubtful_links') }}

),

limited_nodes as (

    select * from {{ ref('int_identity__limited_nodes') }}

),

person_records as (

    select * from {{ ref('int_identity__person_records') }}

),

judged as (

    select
        linked_identifiers.identifier_key,
        bool_or(linked_identifiers.is_shared) as is_shared,
        min(limited_nodes.limit_reason) as limit_reason,
    from linked_identifiers
    left join limited_nodes on linked_identifiers.node_id = limited_nodes.node_id
    group by linked_identifiers.identifier_key

),

-- on the records of people who contradict each other: whose it is, is in doubt
cut as (

    select proposed_nodes.identifier_key
    from (
        select node_id from kept_links
        where not is_kept
        union
        select undivided_node_id from doubtful_links
    ) as cut_nodes
    inner join proposed_nodes on cut_nodes.node_id = proposed_nodes.node_id
    group by proposed_nodes.identifier_key

),

named as (

    select
        person_records.person_id,
        claims.identifier_key,
        claims.source,
        min(claims.first_seen_at) as first_seen_at,
    from claims
    inner join person_records on claims.record_key = person_records.record_key
    group by person_records.person_id, claims.identifier_key, claims.source

),

held as (

    select
        person_id,
        identifier_key,
        min(first_seen_at) as first_seen_at,
        list(source order by source) as sources,
    from named
    group by person_id, identifier_key

),

-- several people behind one identifier are doubt, unless it is consent that keeps one person's sources apart
described as (

    select
        held.person_id,
        held.identifier_key,
        identifiers.identifier_kind,
        identifiers.link_kind,
        identifiers.is_blocked,
        not identifiers.is_blocked and (
            identifiers.link_scope = 'nowhere'
            or coalesce(judged.is_shared, false)
            or ((identifiers.link_scope in ('source', 'person') or cut.identifier_key is not null)
                and count(*) over (partition by held.identifier_key) > 1)
        ) as is_shared,
        case
            when identifiers.guard_reason is not null then identifiers.guard_reason
            when judged.is_shared then 'several_people'
            when cut.identifier_key is not null then 'contradicting_people'
            else judged.limit_reason
        end as link_reason,
        held.first_seen_at,
        held.sources,
    from held
    inner join identifiers on held.identifier_key = identifiers.identifier_key
    left join judged on held.identifier_key = judged.identifier_key
    left join cut on held.identifier_key = cut.identifier_key

)

-- a device is listed only where it links: of one person, and permitted
select * from described
where link_kind is distinct from 'device' or link_reason is null
