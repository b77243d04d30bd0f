with contact_versions as (

    select * from {{ ref('stg_crm__contact_versions') }}
    where version_number > 1

),

named as (

    select record_key, email_key as identifier_key from contact_versions
    where email_key is not null
    union
    select record_key, phone_key from contact_versions
    where phone_key is not null

)

select * from named
