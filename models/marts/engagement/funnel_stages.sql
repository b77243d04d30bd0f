with gates as (

    select * from {{ ref('int_profile__gates') }}

),

stays as (

    select * from {{ ref('int_funnel__stays') }}

),

held_stages as (

    select * from {{ ref('int_funnel__held_stages') }}

),

-- what each person has been through, the last stay being the present one
summed as (

    select
        person_id,
        count(*) as stays,
        arg_max(stage, stay_number) as stage,
        arg_max(stage_rank, stay_number) as stage_rank,
        arg_max(previous_stage, stay_number) as previous_stage,
        arg_max(stage, stage_rank) as furthest_stage,
        max(entered_at) as entered_at,
        min(entered_at) as first_entered_at,
    from stays
    group by person_id

),

-- when the stage will be left if nothing more happens
ending as (

    select person_id, stage, held_to
    from held_stages
    where held_from <= {{ as_of() }} and held_to > {{ as_of() }}

),

masked as (

    select
        gates.person_id,
        summed.stage,
        summed.stage_rank,
        summed.previous_stage,
        summed.furthest_stage,
        summed.stays,
        date_diff('day', summed.entered_at, {{ as_of() }}) as days_in_stage,
        if(gates.may_watch, if(summed.stage is null, 'no touch known', null), gates.web_masked_reason) as stage_masked_reason,
        summed.entered_at,
        summed.first_entered_at,
        ending.held_to as ends_at,
    from gates
    left join summed on gates.person_id = summed.person_id
    left join ending on summed.person_id = ending.person_id and summed.stage = ending.stage

)

select * from masked
