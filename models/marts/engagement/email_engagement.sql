with

person_email as (

    select * from {{ ref('int_behaviour__person_email') }}

)

select * from person_email
