{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_work('person_id') }}",
) }}
{{ built_after(['int_identity__rules']) }}
with use_parts as (

    select * from {{ of_work('int_identity__use_parts', 'person_id') }}
    where not is_shown

),

core_parts as (

    select * from {{ of_work('int_identity__core_parts', 'person_id') }}

),

withheld as (

    select
        use_parts.person_id,
        use_parts.purpose,
        core_parts.record_key,
        if(use_parts.is_permitting, 'no_link_for_the_purpose', 'not_permitted_here') as reason,
    from use_parts
    inner join core_parts
        on use_parts.person_id = core_parts.person_id and use_parts.core_key = core_parts.core_key

)

select * from withheld
