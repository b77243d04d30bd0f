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

components as (

    select
        component_key,
        arg_min(record_key, (first_seen_at, record_key)) as anchor_record_key,
    from records
    group by component_key

),

known as (

    {% if is_incremental() %}
    select records.component_key from {{ this }} as persons
    inner join records on persons.anchor_record_key = records.record_key
    group by records.component_key
    {% else %}
    select component_key from components where false
    {% endif %}

),

-- an id is drawn once, from nothing that identifies anybody, for a component without an anchor record of somebody known
drawn as (

    select
        uuidv7() as person_id,
        components.anchor_record_key,
        {{ as_of() }} as created_at,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as drawn_at,
    from components
    anti join known on components.component_key = known.component_key

)

select * from drawn
