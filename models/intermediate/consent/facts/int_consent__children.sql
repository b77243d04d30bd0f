{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_other_contacts() }}") }}

with contacts as (

    select * from {{ ref('int_consent__contacts') }}
    where birth_date is not null and {{ unless_the_same() }}

),

contact_digest as (

    select digest from {{ ref('int_consent__contact_digest') }}

),

ages as (

    select * from {{ ref('digital_consent_ages') }}

),

records as (

    select
        contacts.email_key,
        contacts.phone_key,
        contacts.crm_key,
        contacts.nickname_key,
        contacts.country,
        contacts.birth_date + to_years(coalesce(ages.age, 16)) as comes_of_age_at,
        contacts.loaded_at,
    from contacts
    left join ages
        on contacts.country = ages.country

),

identifiers as (

    select
        unnest([email_key, phone_key, crm_key, nickname_key]) as identifier_key,
        country,
        comes_of_age_at,
        loaded_at,
    from records

),

-- records may disagree about one identifier: all are kept, and the youngest of those known counts
collected as (

    select
        identifier_key,
        country,
        comes_of_age_at,
        min(loaded_at) as known_from,
        (select digest from contact_digest) as contact_digest,
    from identifiers
    where identifier_key is not null
    group by identifier_key, country, comes_of_age_at

)

select * from collected
