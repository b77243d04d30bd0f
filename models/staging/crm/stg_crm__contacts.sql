with contacts as (

    select * from {{ source('raw', 'contacts') }}

),

newest as (

    select * from {{ newest_contacts('contacts', as_of()) }}

)

select * from newest
