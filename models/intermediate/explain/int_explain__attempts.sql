{{ config(materialized='view') }}

with events as (

    select * from {{ ref('stg_consent__events') }}

),

identifiers as (

    select * from {{ ref('int_consent__identifiers') }}

),

combinations as (

    select * from {{ ref('int_consent__combinations') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}
    where obstacle is not null

),

-- R7: what tried to raise a permission and may not, on its scope and on everything narrower
aimed as (

    select
        kinds.*,
        combinations.combination_id,
    from kinds
    inner join combinations
        on
            (kinds.purpose in ('any', combinations.purpose) or starts_with(combinations.purpose, kinds.purpose || '.'))
            and (combinations.channel is null or coalesce(kinds.channel, 'any') in ('any', combinations.channel))
            and (kinds.recipient is null or kinds.recipient = combinations.recipient)

),

ignored as (

    select
        identifiers.identifier_number * {{ combinations_per_identifier() }} + aimed.combination_id as key_number,
        events.seq as event_seq,
        aimed.kind_id,
        aimed.obstacle,
        events.occurred_at,
        events.loaded_at,
    from events
    inner join aimed
        on {{ same_kind('events', 'aimed') }}
    inner join identifiers
        on events.identifier_key = identifiers.identifier_key and events.controller = identifiers.controller

)

select * from ignored
