{{ built_after(['int_identity__rules']) }}
{%- set groups = source('told', 'identity_groups') -%}
{#- Records and groups are read column by column where they are asked: named in one place they would be copied whole. -#}
with

former_identifiers as (

    select * from {{ ref('int_identity__former_identifiers') }}

),

changes as (

    select * from {{ source('told', 'identity_changes') }}

),

mute_identifiers as (

    select identifier_number from {{ ref('int_identity__guarded_identifiers') }}
    where link_scope = 'nowhere'

),

-- identifiers that say something else: by who names them, by what is permitted, by whether somebody still uses them
touched as (

    select * from {{ ref('int_identity__touched') }}
    anti join mute_identifiers using (identifier_number)

),

asked as (

    select identifier_number from {{ ref('int_identity__facts') }}
    where part in ('permission', 'denial')
    union
    {{ changed_replaced() }}

),

-- what an identifier that links nowhere permits to be used is nobody's
used as (

    select identifier_number from {{ ref('int_identity__facts') }}
    anti join mute_identifiers using (identifier_number)
    where part = 'use'

),

pairs as (

    {{ changed_pairs() }}

),

seeds as (

    select record_number from changes
    union
    select record_number from {{ source('told', 'identity_seeds') }}
    union
    select record_number from touched
    union
    select record_number from {{ ref('int_identity__mentions') }}
    where identifier_number in (select identifier_number from asked union all select identifier_number from used)
    union
    select record_number from {{ ref('int_identity__records') }}
    where record_number in (
        select {{ key_number('record_key') }} from former_identifiers
        where {{ key_number('identifier_key') }} in (
            select identifier_number from asked
            union all
            select identifier_number from {{ source('told', 'identity_touched') }}
        )
    )
    union
    select record_number from {{ ref('int_identity__records') }}
    where record_number in (
        select {{ key_number('record_key') }} from (select unnest([record_a, record_b]) as record_key from pairs)
    )

),

-- nothing outside these groups can be told otherwise than it is
together as (

    select record_number from seeds
    union
    select record_number from {{ groups }}
    where group_id in (select group_id from {{ groups }} where record_number in (select record_number from seeds))

),

worked as (

    select
        together.record_number,
        coalesce(records.record_key, changes.record_key) as record_key,
        records.record_key is null as is_gone,
        records.* exclude (record_number, record_key),
    from together
    left join {{ ref('int_identity__records') }} as records on together.record_number = records.record_number
    left join changes on together.record_number = changes.record_number

)

select * from worked
where not {{ is_told_anew() }}
