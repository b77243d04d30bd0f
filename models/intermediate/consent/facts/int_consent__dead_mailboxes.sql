with signals as (

    select * from {{ ref('stg_consent__email_signals') }}

),

meanings as (

    select * from {{ ref('email_signals') }}

),

bounces as (

    select
        signals.email_key,
        signals.occurred_at as begins_at,
        min(signals.loaded_at) as known_from,
    from signals
    inner join meanings
        on signals.event_type = meanings.event_type
    where meanings.is_unusable
    group by signals.email_key, signals.occurred_at

),

signs_of_life as (

    select
        signals.email_key,
        signals.occurred_at,
    from signals
    inner join meanings
        on signals.event_type = meanings.event_type
    where meanings.is_proof_of_use and signals.email_key in (select email_key from bounces)

),

-- a bounce says that a mailbox is dead, a later sign of life that it is not: neither is an act of the person
dead as (

    select
        'hard_bounce' as list_id,
        bounces.email_key as identifier_key,
        'email' as channel,
        bounces.begins_at,
        coalesce(signs_of_life.occurred_at, {{ end_of_time() }}) as ends_at,
        bounces.known_from,
        {{ end_of_time() }} as known_to,
    from bounces
    asof left join signs_of_life
        on bounces.email_key = signs_of_life.email_key and bounces.begins_at < signs_of_life.occurred_at

)

select * from dead
