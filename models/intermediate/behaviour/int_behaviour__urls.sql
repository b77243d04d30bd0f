{{ built_after(['int_behaviour__web_rules', 'stg_web__deliveries', 'int_behaviour__clicks']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook="{{ forget_unless_clicked('page_id') }}",
) }}
with

page_views as (

    {{ told_page_views() }}

),

page_types as (

    select * from {{ ref('page_types') }}

),

categories as (

    select * from {{ ref('product_categories') }}

),

-- Patterns run on distinct URLs, never on clicks, and on each of them once.
urls as (

    select
        hash(url) as page_id,
        url,
        {{ url_host('url') }} as host,
        {{ url_path('url') }} as path,
    from page_views
    {%- if is_incremental() %}
    where hash(url) not in (select page_id from {{ this }})
    {%- endif %}
    group by url

),

paths as (

    select
        path,
        string_split(path, '/') as parts,
        {{ words('path') }} as words,
    from urls
    group by path

),

-- What a path begins and ends with says what kind of page it is: its ending first, then its first two parts, then one.
places as (

    select
        path,
        nullif(parts[3], '') as second_part,
        unnest([
            if(contains(parts[-1], '.'), '*.' || string_split(parts[-1], '.')[-1], null),
            '/' || parts[2] || '/' || parts[3],
            '/' || parts[2]
        ]) as place,
        unnest([1, 2, 3]) as preference,
    from paths

),

typed as (

    select
        places.path,
        page_types.page_type,
        if(page_types.names_next, places.second_part, null) as named,
    from places
    inner join page_types on places.place = page_types.place
    qualify row_number() over (partition by places.path order by places.preference) = 1

),

-- A word of the taxonomy anywhere in the path names the kind of product that the page shows.
keyed as (

    select
        path,
        unnest({{ words_and_pairs('words') }}) as keyword,
    from paths

),

shown as (

    select
        keyed.path,
        categories.keyword,
        categories.product_type,
    from keyed
    inner join categories on keyed.keyword = categories.keyword
    qualify row_number() over (
        partition by keyed.path
        order by categories.priority, length(categories.keyword) desc, categories.keyword
    ) = 1

),

described as (

    select
        urls.page_id,
        urls.url,
        urls.host,
        urls.path,
        coalesce(typed.page_type, 'page') as page_type,
        if(typed.page_type = 'product', typed.named, null) as product_id,
        if(typed.page_type = 'category', replace(typed.named, '-', ' '), null) as named_category,
        shown.keyword,
        shown.product_type as keyword_product_type,
        {{ url_parameter('urls.url', 'utm_source') }} as utm_source,
        {{ url_parameter('urls.url', 'utm_medium') }} as utm_medium,
        {{ url_parameter('urls.url', 'utm_campaign') }} as utm_campaign,
        {{ campaign_of('urls.url') }} as campaign_id,
        -- Only which advertising system marked the click: the click id itself singles out a person.
        case
            when regexp_matches(urls.url, '[?&](gclid|gbraid|wbraid)=') then 'google'
            when regexp_matches(urls.url, '[?&]fbclid=') then 'meta'
            when regexp_matches(urls.url, '[?&]msclkid=') then 'microsoft'
            when regexp_matches(urls.url, '[?&]ttclid=') then 'tiktok'
            when regexp_matches(urls.url, '[?&]li_fat_id=') then 'linkedin'
        end as click_id_kind,
    from urls
    left join typed on urls.path = typed.path
    left join shown on urls.path = shown.path

)

select * from described
