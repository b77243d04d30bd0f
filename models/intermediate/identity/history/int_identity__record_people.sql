{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        database='ledger',
        schema='main',
        alias='record_people',
    )
}}
{{ built_after(['int_identity__rules']) }}
with person_records as (

    select * from {{ of_work('int_identity__person_records') }}

),

record_clusters as (

    select record_number, cluster_id from {{ of_work('int_identity__record_clusters') }}

),

limits as (

    select cluster_id, min(limit_reason) as limit_reason, from {{ of_work('int_identity__limited_nodes', 'identifier_number') }}
    where link_kind <> 'device'
    group by cluster_id

),

-- of other records nothing can have changed
recorded as (

    {% if is_incremental() %}
    select * from {{ this }}
    {%- if not is_told_anew() %}
    where record_key in (select record_key from {{ ref('int_identity__work') }})
    {%- endif %}
    {% else %}
    select null as record_key, null as entity, null::uuid as person_id, null as limit_reason, null::timestamp as as_of,
        null::timestamp as recorded_at where false
    {% endif %}

),

last_recorded as (

    select * from recorded
    qualify row_number() over (partition by record_key order by as_of desc, recorded_at desc) = 1

),

currently as (

    select
        person_records.record_key,
        person_records.entity,
        person_records.person_id,
        limits.limit_reason,
    from person_records
    left join record_clusters on person_records.record_number = record_clusters.record_number
    left join limits on record_clusters.cluster_id = limits.cluster_id

),

-- a past day that is rebuilt is no news
changed as (

    select
        coalesce(currently.record_key, last_recorded.record_key) as record_key,
        coalesce(currently.entity, last_recorded.entity) as entity,
        currently.person_id,
        currently.limit_reason,
        {{ as_of() }} as as_of,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as recorded_at,
    from currently
    full join last_recorded on currently.record_key = last_recorded.record_key
    where
        (currently.person_id is distinct from last_recorded.person_id
            or currently.limit_reason is distinct from last_recorded.limit_reason)
        {%- if is_incremental() %}
        and {{ as_of() }} >= coalesce((select max(as_of) from {{ this }}), {{ as_of() }})
        {%- endif %}

)

select * from changed
