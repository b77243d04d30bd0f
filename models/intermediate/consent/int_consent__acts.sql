with events as (

    select * from {{ ref('int_consent__ranked_events') }}

),

coverage as (

    select * from {{ ref('int_consent__coverage') }}

),

identifiers as (

    select * from {{ ref('int_consent__identifiers') }}

),

-- integers instead of texts: the windows that follow sort by them
spread as (

    select
        identifiers.identifier_number * {{ combinations_per_identifier() }} + coverage.combination_id as key_number,
        events.event_rank,
        events.effect,
        events.actor = 'guardian' as is_guardian,
        events.earliest_at,
        events.starts_at,
        events.decides_at,
        events.expires_at,
        events.notice_changes,
        events.known_from,
    from events
    inner join identifiers
        on
            events.identifier_key = identifiers.identifier_key
            and events.controller = identifiers.controller
    inner join coverage
        on
            events.purpose = coverage.event_purpose
            and events.channel is not distinct from coverage.event_channel
            and events.recipient is not distinct from coverage.event_recipient
            and (events.effect = 'positive') = coverage.is_positive

)

select * from spread
