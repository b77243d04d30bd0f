-- depends_on: {{ ref('int_consent__ledger_position') }}
{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'ledger'}) }}

with events as (

    select * from {{ ref('stg_consent__events') }}
    {% if is_incremental() -%}
    where seq > (select coalesce(max(event_seq), 0) from {{ this }})
    {%- endif %}

),

ways as (

    select * from {{ ref('int_consent__ways') }}

),

identifiers as (

    select * from {{ ref('int_consent__identifiers') }}

),

-- numbers instead of texts from here on: the rules sort and join these rows many times
numbered as (

    select
        events.seq as event_seq,
        -- R8: the end of the id, a hash in hexadecimal, decides last
        coalesce(try_cast('0x' || right(events.event_id, 16) as ubigint), 0) as event_tie,
        identifiers.identifier_number,
        ways.kind_id,
        events.occurred_at,
        events.recorded_at,
        events.loaded_at,
        events.valid_until,
    from events
    inner join ways
        on {{ same_kind('events', 'ways', said='') }}
    inner join identifiers
        on
            events.identifier_key = identifiers.identifier_key
            and events.controller = identifiers.controller

)

select * from numbered
