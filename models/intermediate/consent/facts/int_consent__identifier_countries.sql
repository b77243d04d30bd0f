{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_other_contacts() }}") }}

with contacts as (

    select * from {{ ref('int_consent__contacts') }}
    where {{ unless_the_same() }}

),

identifiers as (

    select * from {{ ref('stg_landing__identifiers') }}
    where {{ unless_the_same() }}

),

contact_digest as (

    select digest from {{ ref('int_consent__contact_digest') }}

),

stated as (

    select
        unnest([email_key, phone_key, crm_key, nickname_key]) as identifier_key,
        country,
    from contacts
    where country is not null

    union all

    select
        identifier_key,
        phone_region,
    from identifiers
    where phone_region is not null

),

collected as (

    select
        identifier_key,
        list_sort(list_distinct(list(country))) as countries,
        (select digest from contact_digest) as contact_digest,
    from stated
    where identifier_key is not null
    group by identifier_key

)

select * from collected
