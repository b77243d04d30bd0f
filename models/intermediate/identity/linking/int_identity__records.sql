{%- set places = {'crm': 'crm_kind', 'email': "'email'", 'phone': "'phone'", 'other': 'other_kind', 'cookie': "'cookie'"} -%}
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
        records.* replace (
            coalesce(records.name_number, email_names.name_number) as name_number,
            if(records.crm_kind is null, null, records.crm_key) as crm_key,
            if(records.other_kind is null, null, records.other_key) as other_key
        ),
    from records
    left join email_names
        on email_names.identifier_key = case
            when records.crm_key is not null then null
            when records.email_key is not null then records.email_key
            when records.other_kind = 'email' then records.other_key
        end

),

identifiers as (

    select identifier_number, identifier_key from {{ ref('int_identity__numbers') }}

),

-- numbers in place of keys: every further step costs several times as much on text
numbered as (

    select
        addressed.*,
        {%- for place in places %}
        case
            when addressed.{{ place }}_key is null then null
            when {{ place }}.identifier_number is null then -1 - (hash(addressed.{{ place }}_key) >> 1)::bigint
            else {{ place }}.identifier_number
        end as {{ place }}_number,
        {%- endfor %}
    from addressed
    {%- for place in places %}
    left join identifiers as {{ place }} on addressed.{{ place }}_key = {{ place }}.identifier_key
    {%- endfor %}

),

-- records that name the same identifiers and person say the same thing: the guards count them once
signed as (

    select
        row_number() over () as record_number,
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
        case when least({{ numbers }}) < 0 then
            list_filter([
                {%- for place, kind in places.items() %}
                {'identifier_number': {{ place }}_number, 'identifier_key': {{ place }}_key, 'identifier_kind': {{ kind }}},
                {%- endfor %}
            ], lambda named: named.identifier_number < 0)
        end as unknown_identifiers,
    from numbered
    where coalesce({{ numbers }}) is not null

)

select * from signed
