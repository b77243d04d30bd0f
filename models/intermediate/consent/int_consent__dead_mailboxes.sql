with email_events as (

    select * from {{ ref('stg_email__events') }}
    where loaded_at <= {{ known_at() }}

),

signals as (

    select * from {{ ref('email_signals') }}
    where is_unusable or is_proof_of_use

),

-- a bounce says that a mailbox is dead, a later sign of life that it is not: neither is an act of the person
told as (

    select
        email_events.email_key as identifier_key,
        email_events.occurred_at,
        email_events.loaded_at,
        signals.is_unusable,
    from email_events
    inner join signals
        on email_events.event_type = signals.event_type
    where email_events.email_key in (
        select dead.email_key
        from email_events as dead
        inner join signals as marks
            on dead.event_type = marks.event_type
        where marks.is_unusable
    )

),

answered as (

    select
        *,
        min(occurred_at) filter (where not is_unusable) over (
            partition by identifier_key
            order by occurred_at, is_unusable
            rows between 1 following and unbounded following
        ) as alive_at,
    from told

),

dead as (

    select
        'hard_bounce' as list_id,
        identifier_key,
        'email' as channel,
        occurred_at as begins_at,
        coalesce(alive_at, {{ end_of_time() }}) as ends_at,
        loaded_at as known_from,
        {{ end_of_time() }} as known_to,
    from answered
    where is_unusable

)

select * from dead
