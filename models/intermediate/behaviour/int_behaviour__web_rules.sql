-- rules that changed void what was told by the old ones before anything is told by the new
{{ config(
    tags=['web_days'],
    post_hook="delete from {{ source('told', 'web_rules') }} where (select is_all_changed from {{ this }})",
) }}

with

told as (

    select * from {{ source('told', 'web_rules') }}

),

-- everything that decides and is no page view, no product and nobody's permission
parts as (

    select 'models' as part, '{{ web_models_digest() }}' as digest
    union all
    select 'engine', version()
    {% for seed in ['bot_user_agents', 'page_types', 'product_categories', 'goals'] %}
    union all
    select '{{ seed }}', cast(sum(hash({{ seed }})) as varchar) from {{ ref(seed) }} as {{ seed }}
    {% endfor %}

),

digested as (

    select md5(string_agg(part || ' ' || coalesce(digest, ''), chr(10) order by part)) as rules_digest
    from parts

),

compared as (

    select
        digested.rules_digest,
        {{ flags.FULL_REFRESH or false }} or coalesce(told.rules_digest <> digested.rules_digest, true) as is_all_changed,
    from digested
    left join told on true

)

select * from compared
