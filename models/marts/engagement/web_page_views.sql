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

-- How long a page was looked at is known from the next click only; nobody knows it for the last page. Told here and not of every
-- click, because a second sort of all of them costs as much as finding the visits.
looked_at as (

    select
        session_persons.person_id,
        sessions.session_key,
        row_number() over clicks_of_visit as position,
        pages.path as page,
        pages.page_type,
        pages.category,
        pages.product_id,
        pages.product_type,
        (epoch_us(lead(clicks.occurred_at) over clicks_of_visit) - epoch_us(clicks.occurred_at)) // 1000000 as dwell_seconds,
        clicks.occurred_at,
    from clicks
    inner join session_persons on clicks.session_id = session_persons.session_id
    inner join sessions on clicks.session_id = sessions.session_id
    inner join pages on clicks.page_id = pages.page_id
    window clicks_of_visit as (partition by clicks.session_id order by clicks.occurred_at, clicks.click_id)

)

select * from looked_at
