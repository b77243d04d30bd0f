{#- What pages show of products. Paths are in lower case; two products whose numbers differ by case only are nobody's page.
    Args: products: a relation as int_behaviour__products. -#}
{% macro shown_products(products) -%}
(
    select
        lower(product_id) as product_id,
        min(coalesce(subcategory, category)) as category,
        min(product_type) as product_type,
    from {{ products }}
    group by lower(product_id)
    having count(*) = 1
)
{%- endmacro %}
