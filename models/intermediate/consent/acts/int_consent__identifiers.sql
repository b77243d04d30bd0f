{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'ledger'}) }}

with events as (

    select * from {{ ref('stg_consent__events') }}
    where seq > {{ told_through() }}

),

-- numbered by their first event, which stays the first for ever
numbered as (

    select
        min(seq) as identifier_number,
        identifier_key,
        controller,
        arg_min(identifier_kind, seq) as identifier_kind,
    from events
    group by identifier_key, controller

)

select * from numbered
{% if is_incremental() -%}
where not exists (
    select 1 from {{ this }} as held
    where numbered.identifier_key = held.identifier_key and numbered.controller = held.controller
)
{%- endif %}
