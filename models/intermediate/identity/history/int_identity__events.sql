{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        database='ledger',
        schema='main',
        alias='identity_events',
        post_hook=['{{ forget_told_moves() }}', '{{ note_told_moves() }}'],
    )
}}

with told as (

    select max(told_at) as told_at from {{ source('ledger', 'identity_told') }}

),

drawn as (

    select * from {{ ref('int_identity__person_anchors') }}
    where drawn_at > coalesce((select told_at from told), '-infinity')

),

persons as (

    select person_id, record_count from {{ ref('int_identity__persons') }}
    where person_id in (select person_id from drawn)

),

moves as (

    select * from {{ ref('int_identity__record_moves') }}
    where kind <> 'created'

),

causes as (

    select * from {{ ref('int_identity__move_causes') }}

),

gone_records as (

    select * from {{ ref('int_identity__gone_records') }}

),

-- of a person who was drawn before this was kept, only that remains
created as (

    select
        'created' as kind,
        drawn.person_id,
        null::uuid as other_person_id,
        coalesce(persons.record_count, 0) as records,
        'first_record' as cause,
        null as cause_detail,
        drawn.created_at as as_of,
        drawn.drawn_at as recorded_at,
    from drawn
    left join persons on drawn.person_id = persons.person_id

),

counted as (

    select
        moves.kind,
        moves.former_person_id,
        moves.person_id,
        moves.as_of,
        moves.recorded_at,
        gone_records.cause as gone_cause,
        count(*) as records,
    from moves
    left join gone_records on moves.person_id is null and moves.record_key = gone_records.record_key
    group by all

),

caused as (

    select
        counted.*,
        causes.* exclude (former_person_id, person_id),
        counted.kind in ('joined', 'merged') as is_coming,
        case
            when counted.gone_cause is not null then counted.gone_cause
            when is_coming and causes.was_limited then 'consent'
            when is_coming and causes.link_kind is not null then 'identifier'
            when is_coming and causes.link_decision = 'accepted' then 'review'
            when is_coming and causes.link_decision = 'automatic' then 'likeness'
            when is_coming then 'records_changed'
            when causes.cut_decision = 'rejected' then 'review'
            when causes.cut_decision = 'refused' or causes.limit_reason is not null then 'consent'
            when causes.contradicts then 'contradiction'
            else 'records_changed'
        end as cause,
    from counted
    left join causes
        on counted.person_id = causes.person_id and counted.former_person_id is not distinct from causes.former_person_id

),

told_moves as (

    select
        kind,
        if(kind = 'joined', person_id, former_person_id) as person_id,
        if(kind = 'joined', null, person_id) as other_person_id,
        records,
        cause,
        case cause
            when 'consent' then if(is_coming, 'no_longer_limited', coalesce(limit_reason, cut_reason))
            when 'identifier' then link_kind
            when 'likeness' then link_pair_key
            when 'review' then coalesce(link_pair_key, cut_pair_key)
        end as cause_detail,
        as_of,
        recorded_at,
    from caused

),

events as (

    select md5(concat_ws('|', kind, person_id, other_person_id, cause, recorded_at)) as event_key, *, from created
    union all
    select md5(concat_ws('|', kind, person_id, other_person_id, cause, recorded_at)), * from told_moves

)

select * from events
