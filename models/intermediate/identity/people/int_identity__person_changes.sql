{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        database='ledger',
        schema='main',
        alias='person_changes',
    )
}}

with aliases as (

    select * from {{ ref('int_identity__person_aliases') }}

),

recorded as (

    {% if is_incremental() %}
    select * from {{ this }}
    {% else %}
    select null::uuid as person_id, null as state, null::uuid as current_person_id, null::timestamp as as_of,
        null::timestamp as recorded_at where false
    {% endif %}

),

last_recorded as (

    select * from recorded
    qualify row_number() over (partition by person_id order by as_of desc, recorded_at desc) = 1

),

-- a past day that is rebuilt is no news
changed as (

    select
        aliases.person_id,
        aliases.state,
        aliases.current_person_id,
        {{ as_of() }} as as_of,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as recorded_at,
    from aliases
    left join last_recorded on aliases.person_id = last_recorded.person_id
    where
        (last_recorded.person_id is null
            or aliases.state <> last_recorded.state
            or aliases.current_person_id is distinct from last_recorded.current_person_id)
        and {{ as_of() }} >= coalesce((select max(as_of) from recorded), {{ as_of() }})

)

select * from changed
