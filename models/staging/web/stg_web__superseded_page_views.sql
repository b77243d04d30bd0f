{{ built_after(['stg_web__deliveries']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_deliveries'},
) }}

with

-- read for ids first, for what is repeated then: a copy of everything costs twice that
page_views as not materialized (

    select * from {{ source('raw', 'page_views') }}
    where occurred_at <= {{ as_of() }}

),

{% if is_incremental() -%}
-- Nothing went, so only what came can repeat, or be a repetition of, an event.
candidates as (

    select page_views.event_id
    from page_views
    semi join (select file_id, loaded_at from {{ ref('stg_web__deliveries') }} where is_new) as deliveries
        on page_views.file_id = deliveries.file_id and page_views.loaded_at = deliveries.loaded_at

),

{% endif -%}
-- Counting ids is cheaper than numbering whole rows (3 M clicks: 1.0 against 2.6 CPU s), and repeats are rare. Kept as a
-- table, because several models read the page views.
repeated as (

    select event_id from page_views
    {%- if is_incremental() %}
    semi join candidates on page_views.event_id = candidates.event_id
    {%- endif %}
    group by event_id
    having count(*) > 1

),

superseded as (

    select
        page_views.file_id,
        page_views.line_number,
    from page_views
    inner join repeated on page_views.event_id = repeated.event_id
    qualify row_number() over (
        partition by page_views.event_id
        order by page_views.loaded_at desc, page_views.file_id desc, page_views.line_number desc
    ) > 1

)

select * from superseded
{%- if is_incremental() %}
anti join {{ this }} as stored
    on superseded.file_id = stored.file_id and superseded.line_number = stored.line_number
{%- endif %}
