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

-- The words of what the shop says, padded with blanks so that a whole word is a plain substring.
worded as (

    select
        *,
        ' ' || translate(
            lower(concat_ws(' ', category, subcategory, name)),
            ',.;:/_()&''"-+!?*#', repeat(' ', 18)
        ) || ' ' as words,
    from known

),

-- The best word of the taxonomy per product: lowest priority number, then the longest keyword.
matched as (

    select
        worded.product_id,
        categories.product_type,
        categories.category,
        categories.season,
    from worded
    inner join categories
        on contains(worded.words, ' ' || categories.keyword || ' ')
    qualify row_number() over (
        partition by worded.product_id
        order by categories.priority, length(categories.keyword) desc, categories.keyword
    ) = 1

),

classified as (

    select
        worded.product_id,
        worded.name as product_name,
        coalesce(lower(worded.category), matched.category) as category,
        coalesce(lower(worded.subcategory), matched.product_type) as subcategory,
        matched.product_type,
        matched.season as product_season,
        worded.brand,
        worded.price,
        worded.currency,
        worded.is_catalogued,
    from worded
    left join matched on worded.product_id = matched.product_id

)

select * from classified
