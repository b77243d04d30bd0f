with contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

identifiers as (

    select * from {{ ref('stg_landing__identifiers') }}

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
    from stated
    where identifier_key is not null
    group by identifier_key

)

select * from collected
