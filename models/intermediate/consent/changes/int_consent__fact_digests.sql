with identifiers as (

    select identifier_key from {{ ref('int_consent__identifiers') }}

),

tombstones as (

    select * from {{ ref('stg_consent__tombstones') }}

),

suppressions as (

    select * from {{ ref('int_consent__suppressions') }}

),

children as (

    select * from {{ ref('int_consent__children') }}

),

signals as (

    select * from {{ ref('stg_consent__email_signals') }}
    where event_type in (select event_type from {{ ref('email_signals') }} where is_proof_of_use)

),

facts as (

    select identifier_key, hash('erased', erased_at) as digest from tombstones
    union all
    select identifier_key, hash('listed', list_id, channel, begins_at, ends_at, known_from, known_to) from suppressions
    union all
    select identifier_key, hash('child', comes_of_age_at, known_from) from children
    union all
    select email_key, hash('use', event_type, occurred_at, loaded_at) from signals

),

-- a sum, because a fact that is there twice must not vanish; only of whom the ledger speaks
digested as (

    select
        identifier_key,
        sum(hash(digest)) as digest,
    from facts
    where identifier_key in (select identifier_key from identifiers)
    group by identifier_key

)

select * from digested
