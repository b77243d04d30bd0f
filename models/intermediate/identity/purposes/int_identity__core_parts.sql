{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
{{ built_after(['int_identity__rules']) }}
{%- set edges -%}
    with accounts as (
        select
            dense_rank() over (order by person_id, link_key) as account_number,
            dense_rank() over (order by record_key) as record_number,
        from {{ ref('int_identity__use_links') }}
        where link_kind = 'account'
    )
    select -account_number as a, record_number as b, from accounts
{%- endset -%}

with links as (

    select * from {{ ref('int_identity__use_links') }}

),

person_records as (

    select person_id, record_key from {{ of_work('int_identity__person_records') }}
    semi join (select person_id from {{ ref('int_identity__doubtful_uses') }}) using (person_id)

),

numbered as (

    select
        record_key,
        dense_rank() over (order by record_key) as record_number,
    from links
    where link_kind = 'account'
    group by record_key

),

components as (

    {{ connected_components(edges, 'identity_core') }}

),

-- what one contract holds together, whatever is permitted
parts as (

    select
        person_records.person_id,
        person_records.record_key,
        if(
            components.component_id is null, 'record ' || person_records.record_key,
            'account ' || min(person_records.record_key) over (partition by components.component_id)
        ) as core_key,
    from person_records
    left join numbered on person_records.record_key = numbered.record_key
    left join components on numbered.record_number = components.node_id

)

select * from parts
