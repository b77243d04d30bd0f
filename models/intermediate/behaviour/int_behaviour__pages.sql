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

-- Paths are in lower case; two products whose numbers differ by case only are nobody's page.
products as (

    select
        lower(product_id) as product_id,
        min(coalesce(subcategory, category)) as category,
        min(product_type) as product_type,
    from {{ ref('int_behaviour__products') }}
    group by lower(product_id)
    having count(*) = 1

),

-- Patterns run on distinct URLs, never on clicks.
urls as (

    select
        hash(url) as page_id,
        url,
        {{ url_host('url') }} as host,
        {{ url_path('url') }} as path,
    from page_views
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

tagged as (

    select
        *,
        {{ url_parameter('url', 'utm_source') }} as utm_source,
        {{ url_parameter('url', 'utm_medium') }} as utm_medium,
        {{ url_parameter('url', 'utm_campaign') }} as utm_campaign,
        -- Only which advertising system marked the click: the click id itself singles out a person.
        case
            when regexp_matches(url, '[?&](gclid|gbraid|wbraid)=') then 'google'
            when regexp_matches(url, '[?&]fbclid=') then 'meta'
            when regexp_matches(url, '[?&]msclkid=') then 'microsoft'
            when regexp_matches(url, '[?&]ttclid=') then 'tiktok'
            when regexp_matches(url, '[?&]li_fat_id=') then 'linkedin'
        end as click_id_kind,
    from urls

),

described as (

    select
        tagged.page_id,
        tagged.url,
        tagged.host,
        tagged.path,
        coalesce(typed.page_type, 'page') as page_type,
        if(typed.page_type = 'product', typed.named, null) as product_id,
        -- What the path calls the category, else the product's own, else a word of the taxonomy in the path.
        coalesce(
            if(typed.page_type = 'category', replace(typed.named, '-', ' '), null), products.category, shown.keyword
        ) as category,
        coalesce(products.product_type, shown.product_type) as product_type,
        tagged.utm_source,
        tagged.utm_medium,
        tagged.utm_campaign,
        if(
            coalesce(tagged.utm_source, tagged.utm_medium, tagged.utm_campaign) is null,
            null, hash(tagged.utm_source, tagged.utm_medium, tagged.utm_campaign)
        ) as campaign_id,
        tagged.click_id_kind,
    from tagged
    left join typed on tagged.path = typed.path
    left join shown on tagged.path = shown.path
    left join products on typed.page_type = 'product' and typed.named = products.product_id

)

select * from described
