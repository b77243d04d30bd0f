{{ config(materialized='view') }}
{%- set numbers = 'crm_number, email_number, phone_number, other_number, cookie_number' -%}

with

contacts as (

    select * from {{ newest_contacts(looked_at('contacts'), as_of()) }}

),

order_rows as (

    select * from {{ looked_at('orders') }}
    where ordered_at <= {{ as_of() }}

),

orders as (

    {{ latest_deliveries('order_rows', ['source', 'order_id']) }}

),

social_profiles as (

    {{ newest_profiles(looked_at('social_profiles')) }}

),

conversations as (

    {{ latest_conversations(looked_at('conversations')) }}

),

shares as (

    {{ latest_shares(looked_at('shares')) }}

),

declarations as (

    {{ first_declarations(looked_at('declared_interests')) }}

),

-- all rows of an event that names a mailbox: which of them counts decides whether it is this one's
email_rows as (

    select * from {{ source('raw', 'email_events') }}
    where occurred_at <= {{ as_of() }}
        {%- if not is_told_anew() %}
        and event_id in (select event_id from {{ looked_at('email_events') }})
        {%- endif %}

),

email_events as (

    {{ latest_deliveries('email_rows', ['event_id']) }}

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
    from {{ looked_at('page_views') }}
    anti join {{ ref('stg_web__superseded_page_views') }} using (file_id, line_number)
    where occurred_at <= {{ as_of() }} and {{ is_login() }}
    group by all

),

-- one record per mailbox: whoever is written to is somebody the company knows
mailboxes as (

    select
        email_key,
        min(occurred_at) as first_seen_at,
    from email_events
    {%- if not is_told_anew() %}
    where {{ record_hash('email_events') }} in (select record_hash from {{ ref('int_identity__candidates') }})
    {%- endif %}
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
        {{ record_hash('contacts') }} as record_hash,
        hash(country, language, updated_at, name_number) as details,
    from contacts
    union all
    select {{ record_key('orders', ['source', 'order_id']) }}, 'orders', source, ordered_at, null, null,
        {{ key_number('crm_key', 'crm_kind is not null') }}, {{ key_number('email_key') }}, {{ key_number('phone_key') }}, null, null, null,
        {{ record_hash('orders') }}, 0,
    from orders
    union all
    select record_key, 'social_profiles', source, first_seen_at, null, null,
        {{ key_number('crm_key') }}, {{ key_number('email_key') }}, {{ key_number('phone_key') }},
        {{ key_number('handle_key', 'handle_kind is not null') }}, null, null,
        {{ record_hash('social_profiles') }}, 0,
    from social_profiles
    union all
    select {{ record_key('conversations', ['source', 'conversation_id']) }}, 'conversations', source, opened_at, null, null,
        null, null, null, {{ key_number('identifier_key', 'identifier_kind is not null') }}, null,
        {{ key_number('identifier_key', "identifier_kind = 'email'") }},
        {{ record_hash('conversations') }}, 0,
    from conversations
    union all
    select {{ record_key('shares', ['share_id']) }}, 'shares', 'web', created_at, null, null,
        null, null, null, {{ key_number('identifier_key', 'identifier_kind is not null') }}, null,
        {{ key_number('identifier_key', "identifier_kind = 'email'") }},
        {{ record_hash('shares') }}, 0,
    from shares
    union all
    select {{ record_key('declared_interests', ['source', 'identifier_key']) }}, 'declared_interests', source, first_seen_at, null, null,
        null, null, null, {{ key_number('identifier_key', 'identifier_kind is not null') }}, null,
        {{ key_number('identifier_key', "identifier_kind = 'email'") }},
        {{ record_hash('declared_interests') }}, 0,
    from declarations
    union all
    select {{ record_key('page_views', ['source', 'cookie_key', 'login_key']) }}, 'page_views', source, first_seen_at, null, null,
        null, null, null, {{ key_number('login_key') }}, {{ key_number('cookie_key') }}, {{ key_number('login_key', "login_kind = 'email'") }},
        {{ record_hash('page_views') }}, 0,
    from logins
    union all
    select {{ record_key('email_events', ['email_key']) }}, 'email_events', 'email', first_seen_at, null, null,
        null, null, {{ key_number('email_key') }}, null, null, null,
        {{ record_hash('email_events') }}, 0,
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
        record_hash,
        details,
    from addressed
    where coalesce({{ numbers }}) is not null

)

select * from signed
