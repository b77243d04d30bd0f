with signals as (

    select * from {{ ref('stg_consent__email_signals') }}

),

meanings as (

    select * from {{ ref('email_signals') }}
    where is_proof_of_use

),

purposes as (

    select * from {{ ref('purposes') }}
    where lapse_after_unused_days is not null

),

identifiers as (

    select * from {{ ref('int_consent__identifiers') }}

),

proofs as (

    select
        identifiers.identifier_number,
        purposes.purpose,
        meanings.channel,
        purposes.lapse_after_unused_days,
        signals.occurred_at,
        signals.loaded_at,
    from signals
    inner join meanings
        on signals.event_type = meanings.event_type
    inner join purposes
        on meanings.purpose = purposes.purpose
    inner join identifiers
        on signals.email_key = identifiers.identifier_key

)

select * from proofs
