{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work() }}",
) }}
with components as (

    select * from {{ ref('int_identity__record_components') }}

),

persons as (

    select * from {{ ref('int_identity__persons') }}

),

records as (

    select * from {{ worked('records') }}

),

owned as (

    select persons.person_id, components.record_number
    from components
    inner join persons on components.component_id = persons.component_id

),

person_records as (

    select
        owned.person_id,
        records.entity,
        records.record_key,
        records.source,
        records.first_seen_at,
        records.record_number,
    from owned
    inner join records on owned.record_number = records.record_number

)

select * from person_records
