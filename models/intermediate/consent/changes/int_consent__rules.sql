-- as for the ledger's position: rules that changed void what was told by the old ones before anything is told by the new
{{ config(post_hook="delete from {{ source('told', 'ledger') }} where (select is_all_changed from {{ this }})") }}

with position as (

    select * from {{ ref('int_consent__ledger_position') }}

),

told as (

    select * from {{ source('told', 'ledger') }}

),

-- everything that decides and is not about one identifier or one notice
parts as (

    select 'models' as part, '{{ consent_models_digest() }}' as digest

    union all

    select 'combinations', cast(sum(hash(combinations)) as varchar) from {{ ref('int_consent__combinations') }} as combinations
    {% for seed in [
        'purposes', 'consent_actions', 'consent_sources', 'allowed_bases', 'email_signals', 'suppression_lists',
        'digital_consent_ages', 'bot_user_agents',
    ] %}
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
        not (position.is_continued and coalesce(told.rules_digest = digested.rules_digest, false)) as is_all_changed,
    from digested
    cross join position
    left join told
        on true

)

select * from compared
