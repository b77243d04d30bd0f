with

conversations as (

    select * from {{ source('raw', 'conversations') }}

),

latest as (

    {{ latest_conversations('conversations') }}

)

select * from latest
