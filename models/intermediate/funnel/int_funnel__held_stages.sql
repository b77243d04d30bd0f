with signals as (

    select * from {{ ref('int_funnel__signals') }}

),

rules as (

    select * from {{ ref('funnel_rules') }}

),

numbered as (

    select
        signals.person_id,
        rules.stage,
        rules.stage_rank,
        rules.signal,
        rules.minimum_signals,
        rules.within_days,
        signals.occurred_at,
        row_number() over (
            partition by signals.person_id, rules.stage, rules.signal, rules.minimum_signals, rules.within_days
            order by signals.occurred_at
        ) as signal_number,
    from signals
    inner join rules on signals.signal = rules.signal

),

-- A rule holds from its last needed signal until the first of them is too old.
qualified as (

    select
        numbered.person_id,
        numbered.stage,
        numbered.stage_rank,
        numbered.occurred_at as held_from,
        earliest.occurred_at + to_days(numbered.within_days) as held_to,
    from numbered
    inner join numbered as earliest
        on numbered.person_id = earliest.person_id
        and numbered.stage = earliest.stage
        and numbered.signal = earliest.signal
        and numbered.minimum_signals = earliest.minimum_signals
        and numbered.within_days = earliest.within_days
        and numbered.signal_number - numbered.minimum_signals + 1 = earliest.signal_number
    where numbered.occurred_at < earliest.occurred_at + to_days(numbered.within_days)

),

-- What touches or overlaps is one spell, whichever rules it is held by.
bounded as (

    select
        *,
        coalesce(
            held_from > max(held_to) over (
                partition by person_id, stage
                order by held_from, held_to
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_first,
    from qualified

),

grouped as (

    select
        *,
        -- of rules that hold equally long the one that begins the spell comes first here too
        count(*) filter (is_first) over (
            partition by person_id, stage
            order by held_from, held_to, is_first desc
            rows between unbounded preceding and current row
        ) as spell,
    from bounded

),

merged as (

    select
        person_id,
        stage,
        stage_rank,
        min(held_from) as held_from,
        max(held_to) as held_to,
    from grouped
    group by person_id, stage, stage_rank, spell

)

select * from merged
