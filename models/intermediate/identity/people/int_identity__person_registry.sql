{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        database='ledger',
        schema='main',
        alias='persons',
    )
}}

{{ built_after(['int_identity__rules', 'int_identity__work']) }}
{#- One more than any number of a record. -#}
{%- set numbers = '9223372036854775808' -%}
with records as (

    select * from {{ ref('int_identity__record_components') }}

),

record_keys as (

    select record_number, record_key from {{ worked('records') }}

),

reanchored as (

    select * from {{ ref('int_identity__lost_anchors') }}

),

-- its first record: moment and number in one integer cost a third of what the two cost
components as (

    select
        component_id,
        min(coalesce(epoch_us(first_seen_at), {{ numbers }} - 1)::hugeint * {{ numbers }} + record_number) as first_record,
        cast(first_record & ({{ numbers }} - 1) as bigint) as record_number,
    from records
    group by component_id

),

anchors as (

    select anchor_record_key from reanchored
    {% if is_incremental() %}
    union all
    select anchor_record_key from {{ newest_anchors(this) }}
    {%- if not is_told_anew() %}
    where anchor_record_key in (select record_key from {{ ref('int_identity__work') }})
    {%- endif %}
    {%- endif %}

),

known as (

    select records.component_id
    from anchors
    inner join records on {{ key_number('anchors.anchor_record_key') }} = records.record_number
    group by records.component_id

),

-- an id is drawn once, from nothing that identifies anybody, for a component without an anchor record of somebody known
drawn as (

    select
        uuidv7() as person_id,
        record_keys.record_key as anchor_record_key,
        {{ as_of() }} as created_at,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as drawn_at,
    from components
    inner join record_keys on components.record_number = record_keys.record_number
    anti join known on components.component_id = known.component_id

),

-- who lost the record stays as old as before
anchored as (

    select person_id, anchor_record_key, created_at, drawn_at, drawn_at as anchored_at, from drawn
    union all
    select
        person_id,
        anchor_record_key,
        created_at,
        drawn_at,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}',
    from reanchored

)

select * from anchored
