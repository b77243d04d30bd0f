with

page_views as (

    select * from {{ ref('stg_web__page_views') }}

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}

),

user_agents as (

    select user_agent
    from page_views
    where user_agent is not null
    group by user_agent

),

-- Patterns run on distinct user agents, never on clicks.
judged as (

    select
        user_agents.user_agent,
        min(bot_user_agents.name) as bot_name,
        count(bot_user_agents.pattern) > 0 or trim(user_agents.user_agent) in ('', '-') as is_bot,
        regexp_matches(user_agents.user_agent, 'Mobi|Android|iPhone|iPad') as is_mobile,
    from user_agents
    left join bot_user_agents
        on bot_user_agents.kind <> 'mail'
        and contains(lower(user_agents.user_agent), bot_user_agents.pattern)
    group by user_agents.user_agent

)

select * from judged
