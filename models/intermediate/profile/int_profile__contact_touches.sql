with person_records as (

    select * from {{ ref('int_identity__person_records') }}

),

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}
    where not is_blocked and not is_shared

),

consent_events as (

    select * from {{ ref('stg_consent__events') }}
    where occurred_at <= {{ as_of() }}

),

orders as (

    select
        *,
        {{ record_key('orders', ['source', 'order_id']) }} as record_key,
    from {{ ref('stg_shop__orders') }}

),

conversations as (

    select
        *,
        {{ record_key('conversations', ['source', 'conversation_id']) }} as record_key,
    from {{ ref('stg_service__conversations') }}

),

consented as (

    select
        person_identifiers.person_id,
        consent_events.occurred_at,
        consent_events.source,
        consent_events.event_id,
        concat_ws(' ', consent_events.action, consent_events.purpose, consent_events.channel, consent_events.recipient) as detail,
    from consent_events
    inner join person_identifiers on consent_events.identifier_key = person_identifiers.identifier_key

),

-- the touches that rest on the contract: becoming known, deciding, buying, asking
unioned as (

    select
        person_id,
        first_seen_at as occurred_at,
        'contact_created' as kind,
        cast(null as varchar) as channel,
        source,
        record_key as reference,
        cast(null as varchar) as detail,
        'service' as purpose,
    from person_records
    where entity = 'contacts'

    union all

    select person_id, occurred_at, 'consent', null, source, event_id, detail, 'service',
    from consented

    union all

    select
        person_records.person_id,
        orders.ordered_at,
        'order',
        'shop',
        orders.source,
        orders.order_id,
        concat_ws(' ', orders.status, orders.total || coalesce(' ' || orders.currency, '')),
        'service',
    from orders
    inner join person_records on orders.record_key = person_records.record_key

    union all

    select
        person_records.person_id,
        conversations.opened_at,
        'conversation',
        conversations.channel,
        conversations.source,
        conversations.conversation_id,
        conversations.topic,
        'service',
    from conversations
    inner join person_records on conversations.record_key = person_records.record_key

)

select * from unioned
