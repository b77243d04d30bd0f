{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('record_key', own='anchor_record_key') }}",
) }}
{{ built_after(['int_identity__rules']) }}
with persons as (

    select * from {{ of_work('int_identity__person_anchors', 'record_key', own='anchor_record_key') }}

),

records as (

    select * from {{ ref('int_identity__record_components') }}

),

components as (

    select
        component_id,
        any_value(cluster_id) as cluster_id,
        count(*) as record_count,
        min(first_seen_at) as first_seen_at,
    from records
    group by component_id

),

anchored as (

    select
        records.component_id,
        persons.person_id,
        persons.anchor_record_key,
        persons.created_at,
        persons.drawn_at,
    from persons
    inner join records on {{ key_number('persons.anchor_record_key') }} = records.record_number

),

merged as (

    select component_id from anchored
    group by component_id
    having count(*) > 1

),

-- The oldest person whose anchor record is in the component. Age is the moment of the draw, not created_at: a person drawn
-- while a past day is rebuilt must not displace anybody.
eldest as (

    select * from anchored
    anti join merged on anchored.component_id = merged.component_id
    union all
    select * from anchored
    semi join merged on anchored.component_id = merged.component_id
    qualify row_number() over (
        partition by anchored.component_id
        order by anchored.drawn_at, anchored.person_id
    ) = 1

),

identified as (

    select
        eldest.person_id,
        eldest.anchor_record_key,
        eldest.component_id,
        components.cluster_id,
        components.record_count,
        components.first_seen_at,
        eldest.created_at,
    from eldest
    inner join components on eldest.component_id = components.component_id

)

select * from identified
