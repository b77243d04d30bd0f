with

shares as (

    select * from {{ source('raw', 'shares') }}

),

latest as (

    {{ latest_shares('shares') }}

)

select * from latest
