{{ config(materialized='view') }}

with events as (

    select * from {{ ref('int_consent__ranked_events') }}

),

coverage as (

    select * from {{ ref('int_consent__coverage') }}

),

spread as (

    select
        events.identifier_number,
        events.identifier_number * {{ combinations_per_identifier() }} + coverage.combination_id as key_number,
        events.event_rank,
        events.kind_id,
        events.effect,
        events.starts_at,
        events.decides_at,
        events.known_from,
    from events
    inner join coverage
        on events.kind_id = coverage.kind_id

)

select * from spread
