with

page_views as (

    select * from {{ ref('stg_web__page_views') }}

),

page_types as (

    select * from {{ ref('page_types') }}

),

categories as (

    select * from {{ ref('product_categories') }}

),

-- Patterns run on distinct URLs, never on clicks.
urls as (

    select
        url,
        hash(url) as page_key,
        {{ url_host('url') }} as host,
        {{ url_path('url') }} as path,
    from page_views
    group by url

),

typed as (

    select
        urls.url,
        page_types.page_type,
        nullif(regexp_extract(urls.path, page_types.path_pattern, 1), '') as named,
    from urls
    inner join page_types on regexp_matches(urls.path, page_types.path_pattern)
    qualify row_number() over (partition by urls.url order by page_types.priority, page_types.path_pattern) = 1

),

-- A word of the taxonomy anywhere in the path names the kind of product that the page shows.
shown as (

    select
        urls.url,
        categories.keyword,
        categories.product_type,
    from urls
    inner join categories
        on contains(' ' || translate(urls.path, '/-_.+', '     ') || ' ', ' ' || categories.keyword || ' ')
    qualify row_number() over (
        partition by urls.url
        order by categories.priority, length(categories.keyword) desc, categories.keyword
    ) = 1

),

described as (

    select
        urls.page_key,
        urls.url,
        urls.host,
        urls.path,
        coalesce(typed.page_type, 'page') as page_type,
        coalesce(if(typed.page_type = 'category', typed.named, null), shown.keyword) as category,
        if(typed.page_type = 'product', typed.named, null) as product_id,
        shown.product_type,
        {{ url_parameter('urls.url', 'utm_source') }} as utm_source,
        {{ url_parameter('urls.url', 'utm_medium') }} as utm_medium,
        {{ url_parameter('urls.url', 'utm_campaign') }} as utm_campaign,
        -- Only which advertising system marked the click: the click id itself singles out a person.
        case
            when regexp_matches(urls.url, '[?&](gclid|gbraid|wbraid)=') then 'google'
            when regexp_matches(urls.url, '[?&]fbclid=') then 'meta'
            when regexp_matches(urls.url, '[?&]msclkid=') then 'microsoft'
            when regexp_matches(urls.url, '[?&]ttclid=') then 'tiktok'
            when regexp_matches(urls.url, '[?&]li_fat_id=') then 'linkedin'
        end as click_id_kind,
    from urls
    left join typed on urls.url = typed.url
    left join shown on urls.url = shown.url

)

select * from described
