{{ config(materialized='view') }}

with record_people as (

    select * from {{ ref('int_identity__record_people') }}

),

registry as (

    select person_id, drawn_at from {{ ref('int_identity__person_registry') }}

),

aliases as (

    select * from {{ ref('int_identity__person_aliases') }}

),

people_now as (

    select person_id from {{ ref('int_identity__person_records') }}
    group by person_id

),

newest as (

    select max(recorded_at) as recorded_at, min(recorded_at) as first_recorded_at from record_people

),

followed as (

    select
        *,
        lag(person_id) over history as former_person_id,
        lag(limit_reason) over history as former_limit_reason,
        row_number() over history > 1 as is_known,
    from record_people
    window history as (partition by record_key order by as_of, recorded_at)

),

-- who had records before, each time that something changed
people_before as (

    select former_person_id as person_id, recorded_at from followed
    where is_known and former_person_id is not null
    group by all
    union
    select person_id, newest.recorded_at from record_people
    cross join newest
    where record_people.recorded_at < newest.recorded_at and person_id is not null

),

-- What was told is forgotten (identity_events), so that a record with a past has moved. A new record has none: it is news of the
-- newest look only, and the first look of all is no news.
moved as (

    select followed.* from followed
    cross join newest
    where
        (is_known and person_id is distinct from former_person_id)
        or (not is_known and followed.recorded_at = newest.recorded_at and newest.recorded_at > newest.first_recorded_at)

),

told as (

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

select * from told
