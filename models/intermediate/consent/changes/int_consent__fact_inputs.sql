with tombstones as (

    select * from {{ ref('stg_consent__tombstones') }}

),

suppressions as (

    select * from {{ ref('stg_consent__suppressions') }}

),

signals as (

    select * from {{ ref('stg_consent__email_signals') }}
    where event_type in (select event_type from {{ ref('email_signals') }})

),

contacts as (

    select * from {{ ref('int_consent__contact_digest') }}

),

-- sums, because rows have no order and one that is there twice must not vanish
read as (

    select
        (select coalesce(sum(hash(hash(tombstones))), 0) from tombstones) as erasures,
        (select coalesce(sum(hash(hash(suppressions))), 0) from suppressions) as lists,
        (select coalesce(sum(hash(hash(signals))), 0) from signals) as mails,
        (select digest from contacts) as contacts,

),

-- which of it each part of int_consent__fact_digests is made of; the reference data is part of int_consent__rules
parts as (

    select 'erased' as part, cast(erasures as varchar) as digest from read
    union all
    select 'listed', lists || ' ' || mails from read
    union all
    select 'child', contacts from read
    union all
    select 'used', cast(mails as varchar) from read

),

compared as (

    select
        parts.part,
        parts.digest,
        parts.digest is distinct from told.digest as is_changed,
    from parts
    left join {{ source('told', 'fact_inputs') }} as told
        on parts.part = told.part

)

select * from compared
