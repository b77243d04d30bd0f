{{ config(materialized='view') }}
{{ built_after(['int_identity__rules', 'int_identity__work']) }}
{#- The newest look at whose a record is. Read where it is asked: of a million records a night needs a few. -#}
{%- set latest = "qualify row_number() over (partition by record_key order by as_of desc, recorded_at desc) = 1" -%}

with records as (

    select record_number, component_id, first_seen_at from {{ ref('int_identity__record_components') }}

),

anchors as (

    select *, {{ key_number('anchor_record_key') }} as anchor_number
    from {{ newest_anchors(source('ledger', 'persons')) }}
    {%- if not is_told_anew() %}
    where anchor_record_key in (select record_key from {{ ref('int_identity__work') }})
    {%- endif %}

),

-- nobody has the record any more; a past day that is rebuilt lacks records and is no news
lost as (

    select anchors.*
    from anchors
    anti join records on anchors.anchor_number = records.record_number
    where {{ as_of() }} >= (select max(as_of) from {{ source('ledger', 'record_people') }})

),

-- whose the record was: the person's own, or of whom the person is part since a merge
holders as (

    select record_key, person_id as holder_id
    from (
        select * from {{ source('ledger', 'record_people') }}
        where record_key in (select anchor_record_key from lost)
        {{ latest }}
    )
    where person_id is not null

),

-- what they had besides
held as (

    select record_key, person_id as holder_id
    from (
        select * from {{ source('ledger', 'record_people') }}
        where record_key in (
            select record_key from {{ source('ledger', 'record_people') }}
            where person_id in (select holder_id from holders)
        )
        {{ latest }}
    )
    where person_id in (select holder_id from holders)

),

left_over as (

    select held.holder_id, held.record_key, records.*
    from held
    inner join records on {{ key_number('held.record_key') }} = records.record_number

),

standing as (

    select anchor_number, list(person_id) as people from anchors
    where anchor_number in (select record_number from left_over)
    group by anchor_number

),

parts as (

    select
        holder_id,
        component_id,
        count(*) as records,
        min((first_seen_at, record_number)) as first_record,
    from left_over
    group by holder_id, component_id

),

-- Who stands on a record yet stays there. Else it is the largest part of what was had, and of it the first record on which
-- nobody stands who was merged: a split gives such a one its part again.
chosen as (

    select left_over.holder_id, left_over.record_key
    from left_over
    inner join parts on left_over.holder_id = parts.holder_id and left_over.component_id = parts.component_id
    left join standing on left_over.record_number = standing.anchor_number
    qualify row_number() over (
        partition by left_over.holder_id
        order by
            coalesce(list_contains(standing.people, left_over.holder_id), false) desc,
            parts.records desc,
            parts.first_record,
            standing.anchor_number is not null,
            left_over.first_seen_at,
            left_over.record_number
    ) = 1

),

reanchored as (

    select
        lost.person_id,
        chosen.record_key as anchor_record_key,
        lost.created_at,
        lost.drawn_at,
    from lost
    inner join holders on lost.anchor_record_key = holders.record_key
    inner join chosen on holders.holder_id = chosen.holder_id

)

select * from reanchored
