{#- What int_behaviour__web_told leaves to the next build: by which rules and of what every visit is told. -#}
{% macro tell_web() -%}
    {{ return([
        "delete from {{ source('told', 'web_deliveries') }}",
        "insert into {{ source('told', 'web_deliveries') }} select delivery_id, file_id, loaded_at, page_views, line_sum from {{ ref('stg_web__deliveries') }} where page_views > 0",
        "delete from {{ source('told', 'web_identities') }}",
        "insert into {{ source('told', 'web_identities') }} select identifier_id, digest from {{ ref('int_behaviour__web_identities') }}",
        "delete from {{ source('told', 'web_products') }}",
        "insert into {{ source('told', 'web_products') }} select product_id, digest from {{ digested_products() }} as products",
        "delete from {{ source('told', 'web_pairs') }}",
        "delete from {{ source('told', 'web_visits') }}",
        "delete from {{ source('told', 'web_people') }}",
        "delete from {{ source('told', 'web_unfinished') }}",
        "delete from {{ source('told', 'web_rules') }}",
        "insert into {{ source('told', 'web_rules') }} select rules_digest from {{ this }}",
    ]) }}
{%- endmacro %}
