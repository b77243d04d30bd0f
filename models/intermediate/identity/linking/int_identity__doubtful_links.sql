{%- set records -%}
    select untangled.cluster_id as group_id, kept_links.name_number, kept_links.birth_date,
    from {{ ref('int_identity__kept_links') }} as kept_links
    inner join {{ ref('int_identity__untangled') }} as untangled on kept_links.node_id = untangled.node_id
    where kept_links.is_kept
{%- endset -%}

with kept_links as (

    select * from {{ ref('int_identity__kept_links') }}
    where is_kept

),

untangled as (

    select * from {{ ref('int_identity__untangled') }}

),

people as (

    select * from {{ people_of_groups(records) }}

),

doubtful as (

    select
        kept_links.record_number,
        kept_links.node_id,
        people.scope,
    from kept_links
    inner join untangled on kept_links.node_id = untangled.node_id
    left join people
        on untangled.cluster_id = people.group_id
        and kept_links.name_number is not distinct from people.name_number
        and kept_links.birth_date is not distinct from people.birth_date
    where untangled.cluster_id in (select group_id from people)

),

-- what nothing could untangle links the records of one person only; a silent one joins whoever is alone with it
told as (

    select
        record_number,
        node_id,
        coalesce(scope, if(min(scope) over at_node = max(scope) over at_node, min(scope) over at_node, null)) as scope,
    from doubtful
    window at_node as (partition by node_id)

),

divided as (

    select
        record_number,
        node_id as undivided_node_id,
        if(scope is null, null, {{ part_number(['node_id', 'scope']) }}) as node_id,
    from told

)

select * from divided
