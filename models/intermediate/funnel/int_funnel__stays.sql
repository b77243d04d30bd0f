with held_stages as (

    select * from {{ ref('int_funnel__held_stages') }}

),

first_stage as (

    select min(stage_rank) as stage_rank from {{ ref('funnel_rules') }}

),

-- the only moments at which a stage can change
moments as (

    select person_id, held_from as moment from held_stages
    union
    select person_id, held_to from held_stages
    where held_to <= {{ as_of() }}

),

-- Somebody is at the furthest stage that holds.
held as (

    select
        moments.person_id,
        moments.moment,
        coalesce(max(held_stages.stage_rank), 0) as stage_rank,
        arg_max(held_stages.stage, held_stages.stage_rank) as stage,
        arg_max(held_stages.held_to, held_stages.stage_rank) as held_to,
    from moments
    left join held_stages
        on moments.person_id = held_stages.person_id
        and moments.moment >= held_stages.held_from
        and moments.moment < held_stages.held_to
    group by moments.person_id, moments.moment

),

-- The first stage is for those who have never been further: whoever was, and holds nothing beyond it, has lapsed.
staged as (

    select
        held.person_id,
        held.moment,
        held.held_to,
        held.stage_rank = 0
        or (
            held.stage_rank = first_stage.stage_rank
            and max(held.stage_rank) over up_to_here > first_stage.stage_rank
        ) as has_lapsed,
        if(has_lapsed, 'lapsed', held.stage) as stage,
        if(has_lapsed, 0, held.stage_rank) as stage_rank,
    from held
    cross join first_stage
    window up_to_here as (partition by held.person_id order by held.moment)

),

changes as (

    select * from staged
    qualify stage is distinct from lag(stage) over (partition by person_id order by moment)

),

-- The stays of a person follow each other without a gap; the last one is open.
stays as (

    select
        person_id,
        row_number() over stays_of_person as stay_number,
        stage,
        stage_rank,
        lag(stage) over stays_of_person as previous_stage,
        lead(stage) over stays_of_person as next_stage,
        moment as entered_at,
        lead(moment) over stays_of_person as left_at,
    from changes
    window stays_of_person as (partition by person_id order by moment)

)

select * from stays
