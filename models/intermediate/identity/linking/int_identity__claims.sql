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

email_names as (

    select * from {{ ref('stg_landing__email_names') }}

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

records as (

    select record_key, 'contacts' as entity, source, first_seen_at, name_number, birth_date,
        crm_kind, crm_key, email_key, phone_key, nickname_kind as other_kind, nickname_key as other_key, null as cookie_key,
    from contacts
    union all
    select {{ record_key('orders', ['source', 'order_id']) }}, 'orders', source, ordered_at, null, null,
        crm_kind, crm_key, email_key, phone_key, null, null, null,
    from orders
    union all
    select record_key, 'social_profiles', source, first_seen_at, null, null,
        'crm_id', crm_key, email_key, phone_key, handle_kind, handle_key, null,
    from social_profiles
    union all
    select {{ record_key('conversations', ['source', 'conversation_id']) }}, 'conversations', source, opened_at, null, null,
        null, null, null, null, identifier_kind, identifier_key, null,
    from conversations
    union all
    select {{ record_key('shares', ['share_id']) }}, 'shares', 'web', created_at, null, null,
        null, null, null, null, identifier_kind, identifier_key, null,
    from shares
    union all
    select {{ record_key('page_views', ['source', 'cookie_key', 'login_key']) }}, 'page_views', source, first_seen_at, null, null,
        null, null, null, null, login_kind, login_key, cookie_key,
    from logins
    union all
    select {{ record_key('email_events', ['email_key']) }}, 'email_events', 'email', first_seen_at, null, null,
        null, null, email_key, null, null, null, null,
    from mailboxes

),

-- a record that states neither a name nor an account is by whoever its address names
addressed as (

    select
        records.* replace (coalesce(records.name_number, email_names.name_number) as name_number),
    from records
    left join email_names
        on email_names.identifier_key = case
            when records.crm_key is not null then null
            when records.email_key is not null then records.email_key
            when records.other_kind = 'email' then records.other_key
        end

),

-- records that name the same identifiers and person say the same thing: the guards count them once
signed as (

    select
        *,
        hash(crm_key, email_key, phone_key, other_key, cookie_key, name_number, birth_date) as identifier_set,
    from addressed

),

-- one branch per place of an identifier: unnesting a list of them costs five times as much
named as (

    select record_key, entity, source, crm_key as identifier_key, crm_kind as identifier_kind, identifier_set, name_number,
        birth_date, first_seen_at,
    from signed
    union all
    select record_key, entity, source, email_key, 'email', identifier_set, name_number, birth_date,
        first_seen_at,
    from signed
    union all
    select record_key, entity, source, phone_key, 'phone', identifier_set, name_number, birth_date,
        first_seen_at,
    from signed
    union all
    select record_key, entity, source, other_key, other_kind, identifier_set, name_number, birth_date,
        first_seen_at,
    from signed
    union all
    select record_key, entity, source, cookie_key, 'cookie', identifier_set, name_number, birth_date,
        first_seen_at,
    from signed

),

claims as (

    select
        record_key,
        entity,
        source,
        identifier_key,
        identifier_kind,
        split_part(identifier_kind, ':', 1) as kind_family,
        identifier_set,
        name_number,
        birth_date,
        first_seen_at,
    from named
    where identifier_key is not null and identifier_kind is not null

)

select * from claims
