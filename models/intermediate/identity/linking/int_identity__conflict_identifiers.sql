{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('identifier_number') }}",
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

grouped as (

    select
        kept_links.closure_id,
        identifiers.identifier_number,
        identifiers.identifier_key,
    from kept_links
    inner join proposed_nodes on kept_links.node_id = proposed_nodes.node_id
    inner join identifiers on proposed_nodes.identifier_number = identifiers.identifier_number
    group by all

),

named as (

    select
        identifier_number,
        identifier_key,
        min(identifier_key) over (partition by closure_id) as conflict_key,
    from grouped

)

select * from named
