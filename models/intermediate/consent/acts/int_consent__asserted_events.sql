{{ config(materialized='view') }}

with events as (

    select * from {{ ref('int_consent__events') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}
    where effect <> 'neutral' and obstacle is null

),

asserted as (

    select
        events.event_seq,
        events.event_tie,
        events.identifier_number,
        events.kind_id,
        kinds.effect,
        kinds.source_rank,
        events.valid_until,
        -- R9: the earliest and the latest moment at which it can have happened
        case kinds.occurred_precision
            when 'exact' then events.occurred_at
            when 'day' then date_trunc('day', events.occurred_at)
            else {{ beginning_of_time() }}
        end as earliest_at,
        case kinds.occurred_precision
            when 'exact' then events.occurred_at
            when 'day' then events.occurred_at + interval 1 day
            else greatest(events.occurred_at, coalesce(events.recorded_at, events.loaded_at))
        end as latest_at,
        case kinds.occurred_precision when 'exact' then 2 when 'day' then 1 else 0 end as precision_rank,
        -- a grant counts once its text is known too; a no counts at once
        case
            when kinds.effect = 'positive' then greatest(events.loaded_at, kinds.notice_known_from)
            else events.loaded_at
        end as known_from,
    from events
    inner join kinds
        on events.kind_id = kinds.kind_id

)

select * from asserted
