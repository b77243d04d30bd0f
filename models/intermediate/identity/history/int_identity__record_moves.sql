-- record_people is read where it is asked: of a million rows a night needs a thousand
with

-- every look since what happened was last told, also that of a build that broke off
looked_at as (

    select record_key from {{ ref('int_identity__record_people') }}
    where recorded_at > {{ told_moves_at() }}
    group by record_key

),

followed as (

    select
        *,
        lag(person_id) over history as former_person_id,
        lag(limit_reason) over history as former_limit_reason,
    from {{ ref('int_identity__record_people') }}
    where record_key in (select record_key from looked_at)
    window history as (partition by record_key order by as_of, recorded_at)

),

moved as (

    select * from followed
    where recorded_at > {{ told_moves_at() }} and person_id is distinct from former_person_id

),

-- of all that follows only who had or has these records is asked
registry as (

    select person_id, drawn_at from {{ ref('int_identity__person_anchors') }}
    where person_id in (select person_id from moved)

),

aliases as (

    select * from {{ ref('int_identity__person_aliases') }}
    where person_id in (select former_person_id from moved)

),

people_now as (

    select person_id from {{ ref('int_identity__person_records') }}
    where person_id in (select former_person_id from moved)
    group by person_id

),

-- those to whom records came, if they had any before
people_before as (

    select moved.person_id, moved.recorded_at
    from moved
    inner join {{ ref('int_identity__record_people') }} as held
        on moved.person_id = held.person_id and held.recorded_at < moved.recorded_at
    group by moved.person_id, moved.recorded_at

),

told_moves as (

    select
        moved.record_key,
        moved.entity,
        moved.former_person_id,
        moved.person_id,
        moved.former_limit_reason,
        moved.limit_reason,
        case
            when moved.former_person_id is null and registry.drawn_at < moved.recorded_at then 'joined'
            when moved.former_person_id is null then 'created'
            when moved.person_id is null and aliases.state = 'gone' then 'erased'
            when moved.person_id is null then 'detached'
            when former_now.person_id is null and aliases.current_person_id = moved.person_id then 'merged'
            when before.person_id is null then 'split'
            when former_now.person_id is null then 'split'
            else 'detached'
        end as kind,
        moved.as_of,
        moved.recorded_at,
    from moved
    left join registry on moved.person_id = registry.person_id
    left join aliases on moved.former_person_id = aliases.person_id
    left join people_now as former_now on moved.former_person_id = former_now.person_id
    left join people_before as before
        on moved.person_id = before.person_id and moved.recorded_at = before.recorded_at

)

select * from told_moves
