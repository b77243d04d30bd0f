-- what a build that did not come to its end has half done is void; what the one before found changed is told
{{ config(
    pre_hook=["delete from {{ source('told', 'identity_changes') }}", "delete from {{ source('told', 'identity_touched') }}",
              "delete from {{ source('told', 'identity_seeds') }}"],
    post_hook="insert into {{ source('told', 'identity_unfinished') }} values ({{ as_of() }})",
) }}

with

told as (

    select * from {{ source('told', 'identity_rules') }}

),

unfinished as (

    select count(*) > 0 as is_unfinished from {{ source('told', 'identity_unfinished') }}

),

-- everything that decides and is no record, no permission and no likeness
parts as (

    select 'models' as part, '{{ identity_models_digest() }}' as digest
    union all
    select 'engine', version()
    {% for seed in ['identity_rules', 'likeness_rules', 'source_priorities', 'consent_actions', 'purposes', 'link_purposes'] %}
    union all
    select '{{ seed }}', cast(sum(hash({{ seed }})) as varchar) from {{ ref(seed) }} as {{ seed }}
    {% endfor %}

),

digested as (

    select md5(string_agg(part || ' ' || coalesce(digest, ''), chr(10) order by part)) as rules_digest
    from parts

),

-- a past day tells everything, and so does the build after it: what it brings back has not changed since
compared as (

    select
        digested.rules_digest,
        {{ as_of() }} as as_of,
        coalesce({{ as_of() }} < told.as_of, false) as is_past,
        {{ flags.FULL_REFRESH or false }} or unfinished.is_unfinished or coalesce(
            told.rules_digest <> digested.rules_digest or {{ as_of() }} < told.as_of or told.is_past, true
        ) as is_all_changed,
    from digested
    cross join unfinished
    left join told on true

)

select * from compared
