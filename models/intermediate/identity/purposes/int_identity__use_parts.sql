{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
{{ built_after(['int_identity__rules']) }}
{#- The lift: parts of one contract, joined by links of the purpose between parts that permit it. -#}
{%- set edges -%}
    with usable as (
        select
            parts.part_number,
            dense_rank() over (order by parts.purpose, links.person_id, links.link_key) as link_number,
        from {{ ref('int_identity__use_core_parts') }} as parts
        inner join {{ of_work('int_identity__core_parts', 'person_id') }} as core_parts
            on parts.person_id = core_parts.person_id and parts.core_key = core_parts.core_key
        inner join {{ ref('int_identity__use_links') }} as links on core_parts.record_key = links.record_key
        inner join {{ ref('link_purposes') }} as link_purposes
            on links.link = link_purposes.link and parts.purpose = link_purposes.purpose
        where parts.is_permitting
    )
    select -link_number as a, part_number as b, from usable
{%- endset -%}

with parts as (

    select * from {{ ref('int_identity__use_core_parts') }}

),

components as (

    {{ connected_components(edges, 'identity_uses') }}

),

lifted as (

    select
        parts.*,
        coalesce(components.component_id, parts.part_number) as component_id,
    from parts
    left join components on parts.part_number = components.node_id

),

summed as (

    select
        person_id,
        purpose,
        component_id,
        min(first_record_key) as first_record_key,
        bool_or(holds_anchor) as holds_anchor,
        bool_or(is_permitting) as is_permitting,
        cast(sum(records) as bigint) as records,
    from lifted
    group by person_id, purpose, component_id

),

-- the profile is of one of them: of those that permit it the one with the anchor record, else the largest
placed as (

    select
        *,
        row_number() over (
            partition by person_id, purpose
            order by is_permitting desc, holds_anchor desc, records desc, first_record_key
        ) = 1 and is_permitting as is_shown,
    from summed

),

told as (

    select
        lifted.person_id,
        lifted.purpose,
        lifted.core_key,
        placed.first_record_key as part_key,
        placed.is_permitting,
        placed.is_shown,
        placed.records,
    from lifted
    inner join placed on lifted.person_id = placed.person_id and lifted.purpose = placed.purpose
        and lifted.component_id = placed.component_id

)

select * from told
