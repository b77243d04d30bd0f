{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'rules'}, pre_hook="{{ forget_changed('identifier_number') }}") }}

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
    where {{ only_changed('identifier_number') }}

),

uses as (

    select
        identifiers.identifier_number,
        purposes.purpose,
        meanings.channel,
        purposes.lapse_after_unused_days,
        signals.occurred_at,
    from signals
    inner join meanings
        on signals.event_type = meanings.event_type
    inner join purposes
        on meanings.purpose = purposes.purpose
    inner join identifiers
        on signals.email_key = identifiers.identifier_key

),

-- a spell of use goes on as long as each use comes before the one before it has lapsed
spaced as (

    select
        *,
        coalesce(
            occurred_at >= lag(occurred_at) over spell + to_days(lapse_after_unused_days), true
        ) as is_first,
    from uses
    window spell as (partition by identifier_number, purpose, channel order by occurred_at)

),

-- the last use of a spell is the one before the next spell's first
spells as (

    select
        identifier_number,
        purpose,
        channel,
        spell_number,
        min(occurred_at) as first_used_at,
        max(occurred_at) as last_used_at,
    from (
        select
            *,
            count(*) filter (where is_first) over (
                partition by identifier_number, purpose, channel order by occurred_at
            ) as spell_number,
        from spaced
    ) as numbered
    group by identifier_number, purpose, channel, spell_number

)

select * from spells
