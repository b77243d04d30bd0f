with email_events as (

    select * from {{ ref('stg_email__events') }}
    where loaded_at <= {{ known_at() }}

),

signals as (

    select * from {{ ref('email_signals') }}
    where is_proof_of_use

),

purposes as (

    select * from {{ ref('purposes') }}
    where lapse_after_unused_days is not null

),

uses as (

    select
        email_events.email_key as identifier_key,
        purposes.purpose,
        signals.channel,
        purposes.lapse_after_unused_days,
        email_events.occurred_at,
    from email_events
    inner join signals
        on email_events.event_type = signals.event_type
    inner join purposes
        on signals.purpose = purposes.purpose

),

-- a spell of use goes on as long as each use comes before the one before it has lapsed
spaced as (

    select
        *,
        coalesce(
            occurred_at >= lag(occurred_at) over spell + to_days(lapse_after_unused_days), true
        ) as is_first,
    from uses
    window spell as (partition by identifier_key, purpose, channel order by occurred_at)

),

numbered as (

    select
        *,
        count(*) filter (where is_first) over (
            partition by identifier_key, purpose, channel order by occurred_at
        ) as spell_number,
    from spaced

),

spells as (

    select
        identifier_key,
        purpose,
        channel,
        min(occurred_at) as first_used_at,
        max(occurred_at) as last_used_at,
    from numbered
    group by identifier_key, purpose, channel, spell_number

)

select * from spells
