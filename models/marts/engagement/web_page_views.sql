{{ built_after(['int_behaviour__web_rules']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail', tags=['web_days'],
    meta={'starts_over': 'web_rules'}, pre_hook="{{ forget_web_visits('session_key') }}",
) }}
with

clicks as (

    select * from {{ ref('int_behaviour__clicks') }}
    where {{ only_told_visits('session_id') }}

),

pages as (

    select * from {{ ref('int_behaviour__pages') }}

),

sessions as (

    select session_id, session_key from {{ ref('int_behaviour__sessions') }}

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}
    where person_id is not null and {{ only_told_visits('session_id') }}

),

looked_at as (

    select
        session_persons.person_id,
        sessions.session_key,
        clicks.position,
        pages.path as page,
        pages.page_type,
        pages.category,
        pages.product_id,
        pages.product_type,
        clicks.dwell_seconds,
        clicks.occurred_at,
    from clicks
    inner join session_persons on clicks.session_id = session_persons.session_id
    inner join sessions on clicks.session_id = sessions.session_id
    inner join pages on clicks.page_id = pages.page_id

)

select * from looked_at
