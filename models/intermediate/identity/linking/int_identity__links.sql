{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work() }}",
) }}
{{ built_after(['int_identity__rules']) }}
with proposed_links as (

    select * from {{ ref('int_identity__proposed_links') }}

),

kept_links as (

    select * from {{ ref('int_identity__kept_links') }}

),

doubtful_links as (

    select * from {{ ref('int_identity__doubtful_links') }}

),

-- a link of a contradicting group is whole, part of a divided identifier, or cut
settled as (

    select
        kept_links.record_number,
        kept_links.node_id,
        case
            when not kept_links.is_kept then null
            when doubtful_links.record_number is not null then doubtful_links.node_id
            else kept_links.node_id
        end as settled_node_id,
    from kept_links
    left join doubtful_links
        on kept_links.record_number = doubtful_links.record_number
        and kept_links.node_id = doubtful_links.undivided_node_id

),

links as (

    select
        proposed_links.record_number,
        if(settled.record_number is null, proposed_links.node_id, settled.settled_node_id) as node_id,
        proposed_links.node_id as proposed_node_id,
        proposed_links.is_joining,
    from proposed_links
    left join settled
        on proposed_links.record_number = settled.record_number
        and proposed_links.node_id = settled.node_id
    where settled.record_number is null or settled.settled_node_id is not null

)

select * from links
