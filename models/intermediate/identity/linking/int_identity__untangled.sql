{%- set edges -%}
    select
        min(node_id) over (partition by record_number) as a,
        node_id as b,
    from {{ ref('int_identity__kept_links') }}
    where is_kept
{%- endset -%}

with kept_links as (

    select * from {{ ref('int_identity__kept_links') }}

),

components as (

    {{ connected_components(edges, 'identity_untangled') }}

),

placed as (

    select
        kept_links.node_id,
        any_value(kept_links.closure_id) as closure_id,
        any_value(coalesce(components.component_id, kept_links.node_id)) as cluster_id,
    from kept_links
    left join components on kept_links.node_id = components.node_id
    where kept_links.is_kept
    group by kept_links.node_id

)

select * from placed
