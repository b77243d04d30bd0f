{%- set records -%}
    select closures.closure_id as group_id, links.name_number, links.birth_date,
    from {{ ref('int_identity__proposed_links') }} as links
    inner join {{ ref('int_identity__closures') }} as closures on links.node_id = closures.node_id
    where links.is_joining and (links.name_number is not null or links.birth_date is not null)
{%- endset -%}

with closures as (

    select * from {{ ref('int_identity__closures') }}

),

links as (

    select * from {{ ref('int_identity__proposed_links') }}

),

nodes as (

    select * from {{ ref('int_identity__proposed_nodes') }}

),

contradicting as (

    select
        group_id,
        count(distinct scope) as people,
    from {{ people_of_groups(records) }}
    group by group_id

),

-- The weakest links go first: a record that does not say whose it is stays with its strongest identifier alone, and so
-- is no bridge between two people any more.
kept as (

    select
        links.record_number,
        links.node_id,
        closures.closure_id,
        contradicting.people,
        links.name_number,
        links.birth_date,
        links.name_number is not null or links.birth_date is not null
        or row_number() over (
            partition by links.record_number order by nodes.priority, nodes.identifier_number, links.node_id
        ) = 1 as is_kept,
    from links
    inner join closures on links.node_id = closures.node_id
    inner join contradicting on closures.closure_id = contradicting.group_id
    inner join nodes on links.node_id = nodes.node_id

)

select * from kept
