with

products as (

    select * from {{ ref('stg_shop__products') }}

),

order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

categories as (

    select * from {{ ref('product_categories') }}

),

-- Products that only the lines know, by their description: the most frequent one, because tills misspell.
described as (

    select
        product_id,
        mode(description order by description) as name,
    from order_lines
    where product_id is not null and description is not null
    group by product_id

),

known as (

    select product_id, name, category, subcategory, brand, price, currency, true as is_catalogued, from products
    union all
    select product_id, name, null, null, null, null, null, false, from described
    where product_id not in (select product_id from products)

),

keyed as (

    select
        product_id,
        {{ words("concat_ws(' ', category, subcategory, name)") }} as words,
        unnest({{ words_and_pairs('words') }}) as keyword,
    from known

),

-- The best word of the taxonomy per product: lowest priority number, then the longest keyword.
matched as (

    select
        keyed.product_id,
        categories.product_type,
        categories.category,
        categories.season,
    from keyed
    inner join categories on keyed.keyword = categories.keyword
    qualify row_number() over (
        partition by keyed.product_id
        order by categories.priority, length(categories.keyword) desc, categories.keyword
    ) = 1

),

classified as (

    select
        known.product_id,
        known.name as product_name,
        coalesce(lower(known.category), matched.category) as category,
        coalesce(lower(known.subcategory), matched.product_type) as subcategory,
        matched.product_type,
        matched.season as product_season,
        known.brand,
        known.price,
        known.currency,
        known.is_catalogued,
    from known
    left join matched on known.product_id = matched.product_id

)

select * from classified
