{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook=[
        "{{ note_identity_changes() }}", "{{ note_touched(this) }}", "{{ note_touched(ref('int_identity__arrived')) }}",
        "{{ note_judged() }}", "{{ note_erased() }}", "{{ forget_changes() }}",
    ],
) }}
{{ built_after([
    'int_identity__rules', 'int_identity__arrived', 'int_identity__candidates', 'int_identity__facts',
    'int_identity__numbers', 'stg_landing__compatible_names', 'int_identity__former_identifiers',
    'stg_consent__tombstones',
]) }}
with records as (

    {% if is_incremental() -%}
    select * from {{ ref('int_identity__arrived') }}
    where record_key in (select record_key from {{ source('told', 'identity_changes') }})
    {%- else -%}
    select * from {{ ref('int_identity__said') }}
    {%- endif %}

)

select * from records
