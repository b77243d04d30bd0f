{{ built_after(['int_behaviour__mail_rules']) }}
{{ config(
    materialized='incremental', incremental_strategy='append', meta={'starts_over': 'mail_rules'},
    pre_hook="{{ forget_mail_people() }}", post_hook=tell_mail_people(),
) }}
with

events as (

    select * from {{ ref('int_behaviour__email_events') }}
    where linked_person_id is not null and {{ only_mail_people('linked_person_id') }}

),

topics as (

    select
        linked_person_id as person_id,
        {{ ranked_list('topic', 'clicks * 1000000 + opens') }} as topics,
    from (
        select
            linked_person_id,
            topic,
            count(*) filter (event_type = 'click') as clicks,
            count(*) as opens,
        from events
        where topic is not null and event_type in ('open', 'click') and not is_machine and not is_withheld
        group by all
    )
    group by linked_person_id

),

totals as (

    select
        linked_person_id as person_id,
        count(*) filter (event_type = 'sent') as sent,
        count(*) filter (event_type = 'delivered') as delivered,
        count(*) filter (event_type in ('bounce_hard', 'bounce_soft')) as bounces,
        count(*) filter (event_type = 'bounce_hard') as hard_bounces,
        count(*) filter (event_type = 'complaint') as complaints,
        count(*) filter (event_type = 'unsubscribe') as unsubscribes,
        count(*) filter (event_type = 'open' and not is_machine and not is_withheld) as opens,
        count(*) filter (event_type = 'open' and is_machine and not is_withheld) as machine_opens,
        count(*) filter (event_type = 'click' and not is_machine and not is_withheld) as clicks,
        count(*) filter (event_type = 'click' and is_machine and not is_withheld) as machine_clicks,
        count(*) filter (event_type = 'reply' and not is_withheld) as replies,
        max(occurred_at) filter (event_type = 'sent') as last_sent_at,
        max(occurred_at) filter (
            event_type in ('open', 'click', 'reply') and not is_machine and not is_withheld
        ) as last_engaged_at,
    from events
    group by linked_person_id

),

summed as (

    select
        totals.* exclude (last_sent_at, last_engaged_at),
        coalesce(topics.topics, []) as topics,
        totals.last_sent_at,
        totals.last_engaged_at,
    from totals
    left join topics on totals.person_id = topics.person_id

)

select * from summed
