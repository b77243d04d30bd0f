with stays as (

    select * from {{ ref('int_funnel__stays') }}

),

rules as (

    select * from {{ ref('funnel_rules') }}

),

stages as (

    select stage, stage_rank from rules
    group by stage, stage_rank
    union all
    select 'lapsed', 0

),

pairs as (

    select
        departed.stage as from_stage,
        departed.stage_rank as from_rank,
        entered.stage as to_stage,
        entered.stage_rank as to_rank,
    from stages as departed
    inner join stages as entered on departed.stage <> entered.stage

),

-- who left one stage straight for the other, and how long they had been there
departures as (

    select
        stage as from_stage,
        next_stage as to_stage,
        count(*) as transitions,
        count(distinct person_id) as people,
        round(median(date_diff('second', entered_at, left_at) / 86400.0), 2) as median_days_in_stage,
    from stays
    where next_stage is not null
    group by stage, next_stage

),

first_entries as (

    select person_id, stage, min(entered_at) as entered_at
    from stays
    group by person_id, stage

),

-- who came from the one to the other at all, by whatever way: from first entry to first entry
journeys as (

    select
        earlier.stage as from_stage,
        later.stage as to_stage,
        count(*) as people_reaching,
        round(median(date_diff('second', earlier.entered_at, later.entered_at) / 86400.0), 2) as median_days_to_reach,
    from first_entries as earlier
    inner join first_entries as later
        on earlier.person_id = later.person_id and earlier.entered_at < later.entered_at
    group by earlier.stage, later.stage

),

joined as (

    select
        pairs.from_stage,
        pairs.to_stage,
        pairs.to_rank < pairs.from_rank as is_regression,
        coalesce(departures.transitions, 0) as transitions,
        coalesce(departures.people, 0) as people,
        round(departures.transitions / sum(departures.transitions) over (partition by pairs.from_stage), 4)
            as share_of_departures,
        departures.median_days_in_stage,
        coalesce(journeys.people_reaching, 0) as people_reaching,
        journeys.median_days_to_reach,
    from pairs
    left join departures
        on pairs.from_stage = departures.from_stage and pairs.to_stage = departures.to_stage
    left join journeys
        on pairs.from_stage = journeys.from_stage and pairs.to_stage = journeys.to_stage

)

select * from joined
