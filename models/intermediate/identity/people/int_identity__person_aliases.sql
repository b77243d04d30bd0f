{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
with anchors as (

    select * from {{ of_work('int_identity__person_anchors', 'person_id') }}

),

person_records as (

    select * from {{ of_work('int_identity__person_records') }}

),

-- a person is where its anchor record is; with the last of its records it is gone
placed as (

    select
        anchors.person_id,
        person_records.person_id as current_person_id,
        case
            when person_records.person_id is null then 'gone'
            when person_records.person_id = anchors.person_id then 'current'
            else 'merged'
        end as state,
    from anchors
    left join person_records on anchors.anchor_record_key = person_records.record_key

)

select * from placed
