-- noted until everything is told: a build that breaks off leaves the note, and the next one trusts nothing half done
{{ config(
    materialized='table', tags=['web_days'],
    post_hook="insert into {{ source('told', 'web_unfinished') }} values ({{ as_of() }})",
) }}

with

page_views as (

    select file_id, loaded_at, line_number from {{ source('raw', 'page_views') }}
    where occurred_at <= {{ as_of() }}

),

told as (

    select * from {{ source('told', 'web_deliveries') }}

),

unfinished as (

    select count(*) > 0 as is_unfinished from {{ source('told', 'web_unfinished') }}

),

delivered as (

    select
        file_id,
        loaded_at,
        count(*) as page_views,
        sum(line_number) as line_sum,
    from page_views
    group by file_id, loaded_at

),

-- What was told otherwise is taken back and comes anew: rows that were purged, or that happen after as_of by now.
compared as (

    select
        hash(file_id, loaded_at) as delivery_id,
        file_id,
        loaded_at,
        coalesce(delivered.page_views, 0) as page_views,
        coalesce(delivered.line_sum, 0) as line_sum,
        delivered.page_views is not null
            and (delivered.page_views, delivered.line_sum) is distinct from (told.page_views, told.line_sum) as is_new,
        told.page_views is not null
            and (delivered.page_views, delivered.line_sum) is distinct from (told.page_views, told.line_sum) as is_taken_back,
        unfinished.is_unfinished,
    from delivered
    full join told using (file_id, loaded_at)
    cross join unfinished

)

select * from compared
