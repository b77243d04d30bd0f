{%- set edges -%}
    select
        min(node_id) over (partition by record_number) as a,
        node_id as b,
    from {{ ref('int_identity__doubtful_links') }}
    where node_id is not null
{%- endset -%}

with untangled as (

    select * from {{ ref('int_identity__untangled') }}

),

components as (

    {{ connected_components(edges, 'identity_clusters') }}

),

-- what is left of the groups that contradict themselves; the others are what their links make them (closures)
clusters as (

    select node_id, component_id as cluster_id, from components
    union all
    select node_id, cluster_id, from untangled
    anti join components using (node_id)

)

select * from clusters
