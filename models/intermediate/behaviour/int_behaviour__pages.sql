-- a view: what depends on products is looked up, so that a night copies no URL for it
{{ config(materialized='view', tags=['web_days']) }}
with

urls as (

    select * from {{ ref('int_behaviour__urls') }}

),

products as (

    select * from {{ shown_products(ref('int_behaviour__products')) }}

),

described as (

    select
        urls.page_id,
        urls.url,
        urls.host,
        urls.path,
        urls.page_type,
        urls.product_id,
        -- What the path calls the category, else the product's own, else a word of the taxonomy in the path.
        coalesce(urls.named_category, products.category, urls.keyword) as category,
        coalesce(products.product_type, urls.keyword_product_type) as product_type,
        urls.utm_source,
        urls.utm_medium,
        urls.utm_campaign,
        urls.campaign_id,
        urls.click_id_kind,
    from urls
    left join products on urls.product_id = products.product_id

)

select * from described
