with landed as (

    select * from {{ source('raw', 'consent_events') }}
    where loaded_at <= {{ known_at() }}

),

ledger as (

    select * from {{ source('ledger', 'consent_events') }}

),

-- the ledger keeps what an id said first under that id, and what it said later under ids of their own
revised as (

    select
        landed.event_id,
        landed.source,
        landed.identifier_key,
        lower(landed.purpose) as purpose,
        landed.channel,
        lower(landed.recipient) as recipient,
        landed.action,
        landed.occurred_at,
        landed.loaded_at,
    from landed
    inner join ledger on landed.event_id = ledger.event_id
    where
        landed.identifier_key <> ledger.identifier_key
        or landed.purpose <> ledger.purpose
        or landed.channel is distinct from ledger.channel
        or landed.recipient is distinct from ledger.recipient
        or landed.action <> ledger.action
        or landed.basis is distinct from ledger.basis
        or landed.actor is distinct from ledger.actor
        or landed.notice_id is distinct from ledger.notice_id
        or landed.notice_version is distinct from ledger.notice_version
        or landed.notice_locale is distinct from ledger.notice_locale
        or landed.occurred_at <> ledger.occurred_at
        or landed.occurred_precision <> ledger.occurred_precision
        or landed.valid_until is distinct from ledger.valid_until

)

select * from revised
