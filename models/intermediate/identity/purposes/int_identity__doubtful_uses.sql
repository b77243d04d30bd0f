{{ built_after(['int_identity__rules']) }}
with permitted_uses as (

    select * from {{ ref('int_identity__permitted_uses') }}

),

permitting_records as (

    select * from {{ ref('int_identity__permitting_records') }}

),

persons as (

    select person_id, record_count from {{ of_work('int_identity__persons', 'person_id') }}

),

permitted as (

    select person_id, purpose, count(*) as records, from permitting_records
    group by person_id, purpose

),

doubtful as (

    select permitted.person_id, permitted.purpose
    from permitted
    inner join permitted_uses
        on permitted.person_id = permitted_uses.person_id and permitted.purpose = permitted_uses.purpose
    inner join persons on permitted.person_id = persons.person_id
    where permitted.records < persons.record_count or not permitted_uses.is_served

)

select * from doubtful
