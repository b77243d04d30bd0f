{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
with person_records as (

    select person_id, entity from {{ of_work('int_identity__person_records') }}

),

person_identifiers as (

    select person_id from {{ of_work('int_identity__person_identifiers', 'person_id') }}
    where not is_blocked and not is_shared

),

recorded as (

    select
        person_id,
        count(*) filter (entity = 'contacts') as contacts,
    from person_records
    group by person_id

),

held as (

    select person_id, count(*) as identifiers, from person_identifiers
    group by person_id

),

sized as (

    select
        recorded.person_id,
        recorded.contacts,
        coalesce(held.identifiers, 0) as identifiers,
    from recorded
    left join held on recorded.person_id = held.person_id

)

select * from sized
