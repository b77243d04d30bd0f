{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work() }}",
) }}
{{ built_after(['int_identity__rules']) }}
{%- set edges -%}
    select
        min(limited_node_id) over (partition by record_number) as a,
        limited_node_id as b,
    from {{ ref('int_identity__limited_links') }}
{%- endset -%}

with record_clusters as (

    select * from {{ of_work('int_identity__record_clusters') }}

),

limited_links as (

    select * from {{ ref('int_identity__limited_links') }}

),

components as (

    {{ connected_components(edges, 'identity_parts') }}

),

-- what is left of a cluster without the links that consent forbids
separated as (

    select
        limited_links.record_number,
        min(coalesce(components.component_id, limited_links.limited_node_id)) as component_id,
    from limited_links
    left join components on limited_links.limited_node_id = components.node_id
    group by limited_links.record_number

),

placed as (

    select
        record_clusters.record_number,
        record_clusters.cluster_id,
        case
            when separated.record_number is not null then {{ part_number(["'limited'", 'separated.component_id']) }}
            when record_clusters.cluster_id is not null then record_clusters.cluster_id
            else {{ part_number(["'record'", 'record_clusters.record_number']) }}
        end as part_id,
        record_clusters.first_seen_at,
    from record_clusters
    left join separated on record_clusters.record_number = separated.record_number

)

select * from placed
