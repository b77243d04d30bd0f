with profiles as (

    select * from {{ entity_versions('social_profiles', source('raw', 'social_profiles')) }}

),

versions as (

    select
        record_key,
        crm_key,
        email_key,
        phone_key,
        version_number,
    from profiles

)

select * from versions
