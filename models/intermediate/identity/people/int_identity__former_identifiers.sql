{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_candidates() }}",
) }}
{{ built_after(['int_identity__rules', 'int_identity__candidates']) }}
with contact_versions as (

    select * from {{ versions_of('contacts') }}
    where version_number > 1

),

order_versions as (

    select *, {{ record_key('orders', ['source', 'order_id']) }} as record_key, from {{ versions_of('orders') }}
    where version_number > 1

),

conversation_versions as (

    select
        {{ record_key('conversations', ['source', 'conversation_id']) }} as record_key,
        identifier_key,
        {{ record_hash('conversations') }} as record_hash,
    from {{ versions_of('conversations') }}
    where version_number > 1

),

profile_versions as (

    select * from {{ versions_of('social_profiles') }}
    where version_number > 1

),

share_versions as (

    select
        {{ record_key('shares', ['share_id']) }} as record_key,
        identifier_key,
        {{ record_hash('shares') }} as record_hash,
    from {{ versions_of('shares') }}
    where version_number > 1

),

-- whatever was delivered again and names somebody else now: a no given through what it named before still counts
unioned as (

    select record_key, unnest([email_key, phone_key]) as identifier_key, {{ record_hash('contacts') }} as record_hash from contact_versions
    union
    select record_key, unnest([crm_key, email_key, phone_key]), {{ record_hash('orders') }} from order_versions
    union
    select record_key, unnest([crm_key, email_key, phone_key]), {{ record_hash('social_profiles') }} from profile_versions
    union
    select record_key, identifier_key, record_hash from conversation_versions
    union
    select record_key, identifier_key, record_hash from share_versions

),

named as (

    select * from unioned
    where identifier_key is not null

)

select * from named
