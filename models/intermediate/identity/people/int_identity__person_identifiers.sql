{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
with mentions as (

    select * from {{ ref('int_identity__work_mentions') }}

),

identifiers as (

    select * from {{ worked('identifiers') }}

),

linked_identifiers as (

    select * from {{ of_work('int_identity__linked_identifiers', 'identifier_number') }}

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

    select * from {{ of_work('int_identity__limited_nodes', 'identifier_number') }}

),

person_records as (

    select * from {{ of_work('int_identity__person_records') }}

),

replaced_identifiers as (

    select identifier_key, from {{ ref('int_identity__replaced_identifiers') }}

),

judged as (

    select
        linked_identifiers.identifier_number,
        bool_or(linked_identifiers.is_shared) as is_shared,
        min(limited_nodes.limit_reason) as limit_reason,
    from linked_identifiers
    left join limited_nodes on linked_identifiers.node_id = limited_nodes.node_id
    where linked_identifiers.is_shared or limited_nodes.node_id is not null
    group by linked_identifiers.identifier_number

),

-- on the records of people who contradict each other: whose it is, is in doubt
cut as (

    select proposed_nodes.identifier_number
    from (
        select node_id from kept_links
        where not is_kept
        union
        select undivided_node_id from doubtful_links
    ) as cut_nodes
    inner join proposed_nodes on cut_nodes.node_id = proposed_nodes.node_id
    group by proposed_nodes.identifier_number

),

-- whose it is may be said only of one person
doubted as (

    select identifier_number from identifiers
    where link_scope in ('source', 'person')
    union
    select identifier_number from cut

),

people as (

    select record_number, person_id from person_records

),

named as (

    select
        people.person_id,
        mentions.identifier_number,
        min(mentions.first_seen_at) as first_seen_at,
        min(mentions.source) as first_source,
        max(mentions.source) as last_source,
    from mentions
    inner join people on mentions.record_number = people.record_number
    group by people.person_id, mentions.identifier_number

),

-- most identifiers of a person come from one source: only of the others is a list made
listed as (

    select
        people.person_id,
        mentions.identifier_number,
        list(distinct mentions.source order by mentions.source) as sources,
    from mentions
    inner join people on mentions.record_number = people.record_number
    inner join named
        on people.person_id = named.person_id and mentions.identifier_number = named.identifier_number
    where named.first_source < named.last_source
    group by people.person_id, mentions.identifier_number

),

held as (

    select
        named.person_id,
        named.identifier_number,
        named.first_seen_at,
        coalesce(listed.sources, [named.first_source]) as sources,
    from named
    left join listed on named.person_id = listed.person_id and named.identifier_number = listed.identifier_number

),

several as (

    select identifier_number from named
    semi join doubted using (identifier_number)
    group by identifier_number
    having count(*) > 1

),

-- several people behind one identifier are doubt, unless it is consent that keeps one person's sources apart
described as (

    select
        held.person_id,
        identifiers.identifier_key,
        identifiers.identifier_kind,
        identifiers.link_kind,
        identifiers.is_blocked,
        not identifiers.is_blocked and (
            identifiers.link_scope = 'nowhere'
            or coalesce(judged.is_shared, false)
            or several.identifier_number is not null
        ) as is_shared,
        case
            when identifiers.guard_reason is not null then identifiers.guard_reason
            when judged.is_shared then 'several_people'
            when cut.identifier_number is not null then 'contradicting_people'
            else judged.limit_reason
        end as link_reason,
        replaced_identifiers.identifier_key is not null as is_replaced,
        held.first_seen_at,
        held.sources,
    from held
    inner join identifiers on held.identifier_number = identifiers.identifier_number
    left join judged on held.identifier_number = judged.identifier_number
    left join several on held.identifier_number = several.identifier_number
    left join cut on held.identifier_number = cut.identifier_number
    left join replaced_identifiers on identifiers.identifier_key = replaced_identifiers.identifier_key

)

-- a device is listed only where it links: of one person, and permitted
select * from described
where link_kind is distinct from 'device' or link_reason is null
