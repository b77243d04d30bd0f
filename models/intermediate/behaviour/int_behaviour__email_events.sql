{{ built_after(['int_behaviour__mail_rules', 'int_behaviour__mailboxes', 'stg_email__deliveries', 'stg_email__events']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'mail_rules'},
    pre_hook=["{{ note_mailboxes() }}", "{{ note_forgotten_mail_people() }}", "{{ forget_mailboxes() }}"], post_hook=tell_mail(),
) }}
with

{% if is_incremental() -%}
due as (

    select deliveries.* from {{ ref('stg_email__deliveries') }} as deliveries
    where deliveries.event_id in (
        select event_id from {{ ref('stg_email__deliveries') }}
        where email_key in (select email_key from {{ source('told', 'mail_due') }})
    )

),

{% endif -%}
events as (

    {{ told_mail_events() }}

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}

),

identifier_persons as (

    select * from {{ ref('int_behaviour__identifier_persons') }}

),

user_agents as (

    select user_agent
    from events
    where user_agent is not null
    group by user_agent

),

withheld_identifiers as (

    select identifier_key, person_id from {{ ref('int_identity__withheld_identifiers') }}
    where purpose = 'analytics.behaviour'

),

-- Patterns run on distinct user agents.
machines as (

    select
        user_agents.user_agent,
        min(bot_user_agents.name) as machine,
    from user_agents
    inner join bot_user_agents on {{ names_machine('bot_user_agents.pattern', 'user_agents.user_agent') }}
    group by user_agents.user_agent

),

-- a mail tool that reports no deliveries still reports what it sent
deliveries as (

    select
        message_id,
        email_key,
        coalesce(
            min(occurred_at) filter (event_type = 'delivered'), min(occurred_at) filter (event_type = 'sent')
        ) as delivered_at,
    from events
    where event_type in ('delivered', 'sent') and message_id is not null
    group by all

),

-- scanners follow every link of a mail at once, under the name of an ordinary browser, also long after delivery
bursts as (

    select event_id
    from events
    where event_type = 'click' and message_id is not null
    qualify count(distinct url) over (
        partition by message_id, email_key
        order by occurred_at
        range between interval {{ var('email_scanner_seconds') }} second preceding
            and interval {{ var('email_scanner_seconds') }} second following
    ) >= {{ var('email_scanner_links') }}

),

-- A scanner opens and clicks within seconds of delivery, faster than anybody reads.
judged as (

    select
        events.event_id,
        identifier_persons.person_id as linked_person_id,
        events.email_key,
        events.message_id,
        events.campaign_id,
        lower(events.topic) as topic,
        events.event_type,
        events.event_type in ('open', 'click') and (
            machines.machine is not null
            or bursts.event_id is not null
            or coalesce(
                events.occurred_at < deliveries.delivered_at + interval {{ var('email_scanner_seconds') }} second, false
            )
        ) as is_machine,
        machines.machine,
        if(events.url is null, null, {{ url_path('events.url') }}) as page,
        withheld_identifiers.identifier_key is not null as is_withheld,
        events.occurred_at,
    from events
    left join machines on events.user_agent = machines.user_agent
    left join deliveries
        on events.message_id = deliveries.message_id and events.email_key = deliveries.email_key
    left join bursts on events.event_id = bursts.event_id
    left join identifier_persons on events.email_key = identifier_persons.identifier_key
    left join withheld_identifiers
        on events.email_key = withheld_identifiers.identifier_key
        and identifier_persons.person_id = withheld_identifiers.person_id

)

select * from judged
