with contact_versions as (

    select * from {{ ref('stg_crm__contact_versions') }}
    where version_number > 1

),

order_versions as (

    select *, {{ record_key('orders', ['source', 'order_id']) }} as record_key, from {{ ref('stg_shop__order_versions') }}
    where version_number > 1

),

conversation_versions as (

    select
        {{ record_key('conversations', ['source', 'conversation_id']) }} as record_key,
        identifier_key,
    from {{ ref('stg_service__conversation_versions') }}
    where version_number > 1

),

profile_versions as (

    select * from {{ ref('stg_social__profile_versions') }}
    where version_number > 1

),

share_versions as (

    select {{ record_key('shares', ['share_id']) }} as record_key, identifier_key, from {{ ref('stg_web__share_versions') }}
    where version_number > 1

),

-- whatever was delivered again and names somebody else now: a no given through what it named before still counts
unioned as (

    select record_key, unnest([email_key, phone_key]) as identifier_key from contact_versions
    union
    select record_key, unnest([crm_key, email_key, phone_key]) from order_versions
    union
    select record_key, unnest([crm_key, email_key, phone_key]) from profile_versions
    union
    select record_key, identifier_key from conversation_versions
    union
    select record_key, identifier_key from share_versions

),

named as (

    select * from unioned
    where identifier_key is not null

)

select * from named
