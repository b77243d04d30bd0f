with compatible_names as (

    select * from {{ source('raw', 'compatible_names') }}

)

select name_number, other_number from compatible_names
