{{ built_after(['int_behaviour__web_rules', 'stg_web__deliveries', 'int_behaviour__clicks']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', tags=['web_days'], meta={'starts_over': 'web_rules'},
    pre_hook="{{ forget_unless_clicked('origin_id') }}",
) }}
with

page_views as (

    {{ told_page_views() }}

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}
    where kind <> 'mail'

),

-- Who asked and from where, once for all clicks that say the same: patterns run here, and a click carries one number
-- through the sorts instead of three texts.
origins as (

    select
        hash(source, referrer, user_agent) as origin_id,
        source,
        referrer,
        user_agent,
    from page_views
    {%- if is_incremental() %}
    where hash(source, referrer, user_agent) not in (select origin_id from {{ this }})
    {%- endif %}
    group by source, referrer, user_agent

),

user_agents as (

    select user_agent, lower(user_agent) as lower_case from origins
    where user_agent is not null
    group by user_agent

),

automated as (

    select
        user_agents.user_agent,
        min(bot_user_agents.name) as bot_name,
    from user_agents
    inner join bot_user_agents on contains(user_agents.lower_case, bot_user_agents.pattern)
    group by user_agents.user_agent

),

-- A user agent that is there and empty hides something; a source that delivers none is not judged.
described as (

    select
        origins.origin_id,
        origins.source,
        origins.referrer is not null as has_referrer,
        {{ url_host('origins.referrer') }} as referrer_host,
        lower(origins.user_agent) as user_agent,
        coalesce(regexp_matches(origins.user_agent, 'Mobi|Android|iPhone|iPad'), false) as is_mobile,
        coalesce(
            automated.bot_name,
            if(trim(origins.user_agent) in ('', '-'), 'no user agent', null)
        ) as bot_name,
    from origins
    left join automated on origins.user_agent = automated.user_agent

)

select * from described
