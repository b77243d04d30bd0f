with declared_interests as (

    select * from {{ source('raw', 'declared_interests') }}

),

first_told as (

    {{ first_declarations('declared_interests') }}

)

select * from first_told
