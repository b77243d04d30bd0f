with contacts as (

    select * from {{ source('raw', 'contacts') }}

),

versions as (

    select * from {{ contact_versions('contacts') }}

)

select * from versions
