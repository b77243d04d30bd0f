-- as for visits: rules that changed void what was told by the old ones before anything is told by the new
{{ config(post_hook="delete from {{ source('told', 'mail_rules') }} where (select is_all_changed from {{ this }})") }}

with

told as (

    select * from {{ source('told', 'mail_rules') }}

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}

),

parts as (

    select 'models' as part, '{{ mail_models_digest() }}' as digest
    union all
    select 'engine', version()
    union all
    select 'bot_user_agents', cast(sum(hash(bot_user_agents)) as varchar) from bot_user_agents

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
