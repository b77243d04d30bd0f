{{ built_after(['int_behaviour__web_rules', 'int_behaviour__sessions']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook="{{ forget_web_visits() }}",
) }}
with

clicks as (

    select session_id, page_id from {{ ref('int_behaviour__clicks') }}
    where {{ only_told_visits('session_id') }}

),

pages as (

    select page_id, category from {{ ref('int_behaviour__pages') }}
    where category is not null

),

counted as (

    select
        clicks.session_id,
        pages.category,
        count(*) as clicks,
    from clicks
    inner join pages on clicks.page_id = pages.page_id
    group by clicks.session_id, pages.category

)

select * from counted
