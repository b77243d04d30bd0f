with profiles as (

    select * from {{ named_versions(
        source('raw', 'social_profiles'),
        key=['record_key'],
        identifiers=['crm_key', 'email_key', 'phone_key'],
        happened_at='observed_at',
        newest_first=newest_version_first('observed_at')
    ) }}

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
