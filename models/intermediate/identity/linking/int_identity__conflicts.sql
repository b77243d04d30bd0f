{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('identifier_number', own=key_number('conflict_key')) }}",
) }}
with kept_links as (

    select * from {{ ref('int_identity__kept_links') }}

),

proposed_nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

identifiers as (

    select identifier_number, identifier_key from {{ worked('numbers') }}

),

doubtful_links as (

    select * from {{ ref('int_identity__doubtful_links') }}

),

-- a name that stays the same while the group does
grouped as (

    select
        min(identifiers.identifier_key) as conflict_key,
        any_value(kept_links.people) as people,
        count(distinct kept_links.record_number) as records,
        count(distinct proposed_nodes.identifier_number) as identifiers,
        count(*) filter (not kept_links.is_kept
            or (doubtful_links.record_number is not null and doubtful_links.node_id is null)) as cut_links,
        if(count(doubtful_links.record_number) > 0, 'divided', 'untangled') as outcome,
    from kept_links
    inner join proposed_nodes on kept_links.node_id = proposed_nodes.node_id
    inner join identifiers on proposed_nodes.identifier_number = identifiers.identifier_number
    left join doubtful_links
        on kept_links.record_number = doubtful_links.record_number
        and kept_links.node_id = doubtful_links.undivided_node_id
    group by kept_links.closure_id

)

select * from grouped
