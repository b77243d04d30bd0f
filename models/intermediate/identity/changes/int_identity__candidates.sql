{{ built_after(['int_identity__rules']) }}
with

deliveries as (

    select * from {{ ref('int_identity__deliveries') }}
    where is_changed

),

rows_now as (

    select * from ({{ identity_rows() }})
    where delivery_id in (select delivery_id from deliveries)

),

rows_told as (

    select * from {{ source('told', 'identity_rows') }}
    where delivery_id in (select delivery_id from deliveries)

),

names as (

    select identifier_number from {{ ref('int_identity__facts') }}
    where part = 'name'

),

came as (

    select entity, record_hash from rows_now
    anti join rows_told using (entity, delivery_id, row_id)

),

gone as (

    select entity, record_hash from rows_told
    anti join rows_now using (entity, delivery_id, row_id)

),

-- A mail event that is delivered again may be another mailbox's now, and was this one's; one that went, likewise.
mailboxes as (

    select {{ record_hash('email_events') }} as record_hash from {{ source('raw', 'email_events') }}
    where event_id in (
        select event_id from {{ source('raw', 'email_events') }}
        where hash(file_id, loaded_at) in (select delivery_id from deliveries where entity = 'email_events')
    )
    union
    select {{ record_hash('email_events') }} from {{ source('raw', 'email_events') }}
    where exists (select 1 from gone where entity = 'email_events')

),

-- an address that states another name speaks for its records
renamed as (

    {% for entity, column in {
        'contacts': 'email_key', 'orders': 'email_key', 'social_profiles': 'email_key', 'email_events': 'email_key',
        'conversations': 'identifier_key', 'shares': 'identifier_key', 'declared_interests': 'identifier_key',
        'page_views': 'login_key',
    }.items() -%}
    select {{ record_hash(entity) }} as record_hash from {{ source('raw', entity) }}
    where {{ key_number(column) }} in (select identifier_number from names)
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

candidates as (

    select record_hash from came
    union
    select record_hash from gone
    union
    select record_hash from mailboxes
    union
    select record_hash from renamed

)

select * from candidates
where not {{ is_told_anew() }}
