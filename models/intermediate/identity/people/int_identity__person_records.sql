with records as (

    select * from {{ ref('int_identity__record_components') }}

),

persons as (

    select * from {{ ref('int_identity__persons') }}

),

person_records as (

    select
        persons.person_id,
        records.entity,
        records.record_key,
        records.source,
        records.first_seen_at,
    from records
    inner join persons on records.component_key = persons.component_key

)

select * from person_records
