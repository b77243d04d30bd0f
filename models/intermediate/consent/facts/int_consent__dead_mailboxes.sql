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
        min(signals.loaded_at) as known_from,
    from signals
    inner join meanings
        on signals.event_type = meanings.event_type
    where meanings.is_proof_of_use and signals.email_key in (select email_key from bounces)
    group by signals.email_key, signals.occurred_at

),

-- a bounce says that a mailbox is dead, a later sign of life that it is not: neither is an act of the person
ends as (

    select
        email_key,
        begins_at,
        known_from,
        {{ end_of_time() }} as ends_at,
    from bounces

    union all

    select
        bounces.email_key,
        bounces.begins_at,
        greatest(bounces.known_from, signs_of_life.known_from),
        signs_of_life.occurred_at,
    from bounces
    inner join signs_of_life
        on bounces.email_key = signs_of_life.email_key and bounces.begins_at < signs_of_life.occurred_at

),

-- the first sign counts, among those that are known
counted as (

    select
        email_key,
        begins_at,
        known_from,
        min(min(ends_at)) over (partition by email_key, begins_at order by known_from) as ends_at,
    from ends
    group by email_key, begins_at, known_from

),

changed as (

    select *
    from counted
    qualify ends_at is distinct from lag(ends_at) over (partition by email_key, begins_at order by known_from)

),

dead as (

    select
        'hard_bounce' as list_id,
        email_key as identifier_key,
        'email' as channel,
        begins_at,
        ends_at,
        known_from,
        lead(known_from, 1, {{ end_of_time() }}) over (partition by email_key, begins_at order by known_from) as known_to,
    from changed

)

select * from dead
