-- Written against the signals, not the spells that the stays are built from. The stays of a person begin with the first signal
-- and follow each other without gap or overlap; and at the beginning of each the stage is the furthest of which a rule holds by
-- a plain count of the signals in its window.
{{ config(meta={'dagster': {'ref': {'name': 'funnel_history'}}}) }}

with

stays as (

    select * from {{ ref('funnel_history') }}

),

signals as (

    select * from {{ ref('int_funnel__signals') }}

),

rules as (

    select * from {{ ref('funnel_rules') }}

),

begun as (

    select person_id, min(occurred_at) as first_signal_at from signals
    group by person_id

),

chained as (

    select
        *,
        lag(left_at) over (partition by person_id order by stay_number) as left_before,
        lag(stage) over (partition by person_id order by stay_number) as stage_before,
        row_number() over (partition by person_id order by stay_number desc) = 1 as is_last,
    from stays

),

torn as (

    select chained.person_id, chained.stay_number, 'stays do not tile' as failure
    from chained
    left join begun on chained.person_id = begun.person_id
    where
        chained.entered_at is distinct from if(chained.stay_number = 1, begun.first_signal_at, chained.left_before)
        or (chained.left_at is null) <> chained.is_last
        or coalesce(chained.left_at <= chained.entered_at, false)
        or chained.stage is not distinct from chained.stage_before

),

counted as (

    select
        stays.person_id,
        stays.stay_number,
        rules.stage_rank,
        rules.minimum_signals,
        count(*) as signals,
    from stays
    inner join signals on stays.person_id = signals.person_id and signals.occurred_at <= stays.entered_at
    inner join rules
        on signals.signal = rules.signal and signals.occurred_at > stays.entered_at - to_days(rules.within_days)
    group by stays.person_id, stays.stay_number, rules.stage_rank, rules.minimum_signals, rules.signal, rules.within_days

),

furthest as (

    select
        stays.person_id,
        stays.stay_number,
        stays.stage_rank,
        coalesce(max(counted.stage_rank) filter (counted.signals >= counted.minimum_signals), 0) as held_rank,
    from stays
    left join counted on stays.person_id = counted.person_id and stays.stay_number = counted.stay_number
    group by stays.person_id, stays.stay_number, stays.stage_rank

)

select person_id, stay_number, failure from torn
union all
select person_id, stay_number, 'not the furthest stage that holds' from furthest
where if(stage_rank = 0, held_rank > 1, stage_rank <> held_rank)
union all
select begun.person_id, 0, 'a person with signals has no stay' from begun
anti join stays on begun.person_id = stays.person_id
