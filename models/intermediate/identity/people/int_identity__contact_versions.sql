{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'identity_rules'},
    pre_hook="{{ forget_candidates() }}",
) }}
{{ built_after(['int_identity__rules', 'int_identity__candidates']) }}
with versions as (

    select * from {{ versions_of('contacts') }}

)

select
    *,
    {{ record_hash('contacts') }} as record_hash,
from versions
