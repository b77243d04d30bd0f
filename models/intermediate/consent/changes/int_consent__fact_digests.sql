with tombstones as (

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

-- a part is read only where something that it is made of has changed
facts as (

    {{ facts_of('erased', 'tombstones', 'erased_at') }}
    union all
    {{ facts_of('listed', 'suppressions', 'list_id, channel, begins_at, ends_at, known_from, known_to') }}
    union all
    {{ facts_of('child', 'children', 'comes_of_age_at, known_from') }}
    union all
    {{ facts_of('used', 'signals', 'event_type, occurred_at, loaded_at', key='email_key') }}

),

-- a sum, because a fact that is there twice must not vanish
digested as (

    select
        part,
        identifier_key,
        sum(hash(digest)) as digest,
    from facts
    group by part, identifier_key

)

select * from digested
