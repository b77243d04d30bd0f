with permitted_uses as (

    select * from {{ ref('int_identity__permitted_uses') }}

),

permitting_records as (

    select * from {{ ref('int_identity__permitting_records') }}

),

permitted as (

    select person_id, purpose, count(*) < any_value(person_records) as is_partial, from permitting_records
    group by person_id, purpose

),

doubtful as (

    select permitted.person_id, permitted.purpose
    from permitted
    inner join permitted_uses
        on permitted.person_id = permitted_uses.person_id and permitted.purpose = permitted_uses.purpose
    where permitted.is_partial or not permitted_uses.is_served

)

select * from doubtful
