with email_names as (

    select * from {{ source('raw', 'email_names') }}

)

select identifier_key, name_number from email_names
