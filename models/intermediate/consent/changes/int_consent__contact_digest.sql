with contacts as (

    select * from {{ source('raw', 'contacts') }}

),

identifiers as (

    select
        identifier_key,
        phone_region,
    from {{ source('raw', 'identifiers') }}

),

-- every version of a record with all its columns, and which of them as_of lets count (stg_crm__contacts)
parts as (

    select
        'contacts' as part,
        sum(hash(hash(contacts, created_at <= {{ as_of() }}, updated_at > {{ as_of() }}))) as digest,
    from contacts

    union all

    select 'regions', sum(hash(hash(identifier_key, phone_region))) from identifiers where phone_region is not null

    union all

    select 'ages', sum(hash(hash(ages))) from {{ ref('digital_consent_ages') }} as ages

),

-- a sum, because rows have no order and one that is there twice must not vanish
digested as (

    select
        md5(string_agg(part || ' ' || coalesce(cast(digest as varchar), ''), chr(10) order by part)
            || '{{ consent_models_digest() }}') as digest,
    from parts

)

select * from digested
