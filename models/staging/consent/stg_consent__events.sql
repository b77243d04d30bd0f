with events as (

    select * from {{ source('ledger', 'consent_events') }}

),

-- no filter on occurred_at: the decision is made for every moment, the gates also look at what is yet to begin
known as (

    select
        event_id,
        seq,
        source,
        identifier_kind,
        identifier_key,
        controller,
        lower(purpose) as purpose,
        channel,
        lower(recipient) as recipient,
        action,
        basis,
        consent_type,
        is_default,
        actor,
        method,
        notice_id,
        notice_version,
        lower(replace(notice_locale, '_', '-')) as notice_locale,
        raw_kind,
        raw_value,
        evidence_uri,
        evidence_sha256,
        occurred_precision,
        occurred_at,
        recorded_at,
        valid_until,
        loaded_at,
        row_hash,
    from events
    where loaded_at <= {{ known_at() }}

)

select * from known
