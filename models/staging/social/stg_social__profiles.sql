with profiles as (

    select * from {{ source('raw', 'social_profiles') }}

),

newest as (

    {{ newest_profiles('profiles') }}

)

select * from newest
