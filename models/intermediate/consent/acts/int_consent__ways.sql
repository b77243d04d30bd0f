{{ config(materialized='incremental', incremental_strategy='append', meta={'starts_over': 'ledger'}) }}

with events as (

    select * from {{ ref('stg_consent__events') }}
    where seq > {{ told_through() }}

),

-- numbered by their first event, which stays the first for ever
spoken as (

    select
        min(seq) as kind_id,
        {{ what_events_say('events') }},
    from events
    group by all

)

select * from spoken
{% if is_incremental() -%}
where not exists (select 1 from {{ this }} as held where {{ same_kind('spoken', 'held', said='') }})
{%- endif %}
