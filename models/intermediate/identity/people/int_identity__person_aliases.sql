{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
with registry as (

    select * from {{ of_work('int_identity__person_registry', 'person_id') }}

),

person_records as (

    select * from {{ of_work('int_identity__person_records') }}

),

-- a person is where its anchor record is; without the record there is no such person any more
placed as (

    select
        registry.person_id,
        person_records.person_id as current_person_id,
        case
            when person_records.person_id is null then 'gone'
            when person_records.person_id = registry.person_id then 'current'
            else 'merged'
        end as state,
    from registry
    left join person_records on registry.anchor_record_key = person_records.record_key

)

select * from placed
