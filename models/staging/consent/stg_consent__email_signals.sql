with email_events as (

    select * from {{ source('raw', 'email_events') }}

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}

),

machines as (

    select user_agents.user_agent
    from (
        select user_agent from email_events
        where user_agent is not null and event_type in ('open', 'click')
        group by user_agent
    ) as user_agents
    semi join bot_user_agents on {{ names_machine('bot_user_agents.pattern', 'user_agents.user_agent') }}

),

-- No deduplication: what a signal means here does not depend on how often it is delivered. Mail programs and scanners open
-- and follow links by themselves: that nobody uses a permission is no less true for it.
known as (

    select
        email_key,
        if(
            event_type in ('open', 'click') and user_agent in (select user_agent from machines),
            'machine_' || event_type, event_type
        ) as event_type,
        occurred_at,
        loaded_at,
    from email_events
    where occurred_at <= {{ as_of() }} and loaded_at <= {{ known_at() }}

)

select * from known
