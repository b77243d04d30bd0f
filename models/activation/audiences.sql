{{ config(schema='reference') }}

with

audience_terms as (

    select * from {{ ref('audience_terms') }}

),

-- one that has outlived its time is declared no more: everybody in it comes back from its recipient
running as (

    select segment, recipient, from audience_terms
    where not is_ended

)

select * from running
