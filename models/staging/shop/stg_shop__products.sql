with

products as (

    select * from {{ source('raw', 'products') }}

),

latest as (

    select
        product_id,
        name,
        category,
        subcategory,
        brand,
        price,
        currency,
        loaded_at,
    from products
    qualify row_number() over (
        partition by product_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1

)

select * from latest
