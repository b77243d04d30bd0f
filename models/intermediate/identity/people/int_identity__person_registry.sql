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

with records as (

    select * from {{ ref('int_identity__record_components') }}

),

record_keys as (

    select record_number, record_key from {{ worked('records') }}

),

components as (

    select
        component_id,
        arg_min(record_number, (first_seen_at, record_number)) as record_number,
    from records
    group by component_id

),

known as (

    {% if is_incremental() %}
    select records.component_id from {{ this }} as persons
    inner join records on {{ key_number('persons.anchor_record_key') }} = records.record_number
    group by records.component_id
    {% else %}
    select component_id from components where false
    {% endif %}

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

)

select * from drawn
