with

clicks as (

    select session_id, page_id, dwell_seconds from {{ ref('int_behaviour__clicks') }}

),

pages as (

    select page_id, category, product_type from {{ ref('int_behaviour__pages') }}
    where category is not null

),

counted as (

    select
        clicks.session_id,
        pages.category,
        min(pages.product_type) as product_type,
        count(*) as clicks,
        coalesce(cast(sum(clicks.dwell_seconds) as bigint), 0) as seconds,
    from clicks
    inner join pages on clicks.page_id = pages.page_id
    group by clicks.session_id, pages.category

)

select * from counted
