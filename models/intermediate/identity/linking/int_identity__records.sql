{%- set numbers = 'crm_number, email_number, phone_number, other_number, cookie_number' -%}

with contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

orders as (

    select * from {{ ref('stg_shop__orders') }}

),

social_profiles as (

    select * from {{ ref('stg_social__profiles') }}

),

conversations as (

    select * from {{ ref('stg_service__conversations') }}

),

shares as (

    select * from {{ ref('stg_web__shares') }}

),

declarations as (

    select * from {{ ref('stg_crm__declarations') }}

),

email_names as (

    select {{ key_number('identifier_key') }} as identifier_number, name_number from {{ ref('stg_landing__email_names') }}

),

-- one record per browser and account: however often somebody logs in, it says one thing
logins as (

    select
        coalesce(source, 'web') as source,
        cookie_key,
        login_kind,
        login_key,
        min(occurred_at) as first_seen_at,
    from {{ ref('stg_web__page_views') }}
    where login_kind is not null and login_key is not null and login_key <> cookie_key
    group by all

),

-- one record per mailbox: whoever is written to is somebody the company knows
mailboxes as (

    select
        email_key,
        min(occurred_at) as first_seen_at,
    from {{ ref('stg_email__events') }}
    group by email_key

),

-- numbers in place of keys: every further step costs several times as much on text
records as (

    select record_key, 'contacts' as entity, source, first_seen_at, name_number, birth_date,
        {{ key_number('crm_key', 'crm_kind is not null') }} as crm_number,
        {{ key_number('email_key') }} as email_number,
        {{ key_number('phone_key') }} as phone_number,
        {{ key_number('nickname_key', 'nickname_kind is not null') }} as other_number,
        null::bigint as cookie_number,
        null::bigint as address_number,
    from contacts
    union all
    select {{ record_key('orders', ['source', 'order_id']) }}, 'orders', source, ordered_at, null, null,
        {{ key_number('crm_key', 'crm_kind is not null') }}, {{ key_number('email_key') }}, {{ key_number('phone_key') }}, null, null, null,
    from orders
    union all
    select record_key, 'social_profiles', source, first_seen_at, null, null,
        {{ key_number('crm_key') }}, {{ key_number('email_key') }}, {{ key_number('phone_key') }},
        {{ key_number('handle_key', 'handle_kind is not null') }}, null, null,
    from social_profiles
    union all
    select {{ record_key('conversations', ['source', 'conversation_id']) }}, 'conversations', source, opened_at, null, null,
        null, null, null, {{ key_number('identifier_key', 'identifier_kind is not null') }}, null,
        {{ key_number('identifier_key', "identifier_kind = 'email'") }},
    from conversations
    union all
    select {{ record_key('shares', ['share_id']) }}, 'shares', 'web', created_at, null, null,
        null, null, null, {{ key_number('identifier_key', 'identifier_kind is not null') }}, null,
        {{ key_number('identifier_key', "identifier_kind = 'email'") }},
    from shares
    union all
    select {{ record_key('declared_interests', ['source', 'identifier_key']) }}, 'declared_interests', source, first_seen_at, null, null,
        null, null, null, {{ key_number('identifier_key', 'identifier_kind is not null') }}, null,
        {{ key_number('identifier_key', "identifier_kind = 'email'") }},
    from declarations
    union all
    select {{ record_key('page_views', ['source', 'cookie_key', 'login_key']) }}, 'page_views', source, first_seen_at, null, null,
        null, null, null, {{ key_number('login_key') }}, {{ key_number('cookie_key') }}, {{ key_number('login_key', "login_kind = 'email'") }},
    from logins
    union all
    select {{ record_key('email_events', ['email_key']) }}, 'email_events', 'email', first_seen_at, null, null,
        null, null, {{ key_number('email_key') }}, null, null, null,
    from mailboxes

),

-- a record that states neither a name nor an account is by whoever its address names
addressed as (

    select records.* replace (coalesce(records.name_number, email_names.name_number) as name_number),
    from records
    left join email_names
        on email_names.identifier_number = case
            when records.crm_number is not null then null
            else coalesce(records.email_number, records.address_number)
        end

),

-- records that name the same identifiers and person say the same thing: the guards count them once
signed as (

    select
        {{ key_number('record_key') }} as record_number,
        record_key,
        entity,
        source,
        first_seen_at,
        name_number,
        birth_date,
        crm_number,
        email_number,
        phone_number,
        other_number,
        cookie_number,
        hash({{ numbers }}, name_number, birth_date) as identifier_set,
    from addressed
    where coalesce({{ numbers }}) is not null

)

select * from signed
