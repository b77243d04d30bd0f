with

events as (

    select * from {{ ref('int_behaviour__email_events') }}
    where linked_person_id is not null

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_serve

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
        where topic is not null and event_type in ('open', 'click') and not is_machine
        group by all
    )
    group by linked_person_id

),

-- What the mail service did is kept to serve the address; what the person did with the mail is behaviour.
totals as (

    select
        linked_person_id as person_id,
        count(*) filter (event_type = 'sent') as sent,
        count(*) filter (event_type = 'delivered') as delivered,
        count(*) filter (event_type in ('bounce_hard', 'bounce_soft')) as bounces,
        count(*) filter (event_type = 'bounce_hard') as hard_bounces,
        count(*) filter (event_type = 'complaint') as complaints,
        count(*) filter (event_type = 'unsubscribe') as unsubscribes,
        count(*) filter (event_type = 'open' and not is_machine) as opens,
        count(*) filter (event_type = 'open' and is_machine) as machine_opens,
        count(*) filter (event_type = 'click' and not is_machine) as clicks,
        count(*) filter (event_type = 'click' and is_machine) as machine_clicks,
        count(*) filter (event_type = 'reply') as replies,
        max(occurred_at) filter (event_type = 'sent') as last_sent_at,
        max(occurred_at) filter (event_type in ('open', 'click', 'reply') and not is_machine) as last_engaged_at,
    from events
    group by linked_person_id

),

masked as (

    select
        totals.person_id,
        totals.sent,
        totals.delivered,
        totals.bounces,
        totals.hard_bounces,
        totals.complaints,
        totals.unsubscribes,
        if(person_uses.may_analyse, totals.opens, null) as opens,
        if(person_uses.may_analyse, totals.machine_opens, null) as machine_opens,
        if(person_uses.may_analyse, totals.clicks, null) as clicks,
        if(person_uses.may_analyse, totals.machine_clicks, null) as machine_clicks,
        if(person_uses.may_analyse, totals.replies, null) as replies,
        if(person_uses.may_analyse, coalesce(topics.topics, []), null) as topics,
        if(person_uses.may_analyse, null, 'analytics.behaviour: ' || coalesce(person_uses.analysis_reason, 'no permission known'))
            as engagement_masked_reason,
        totals.last_sent_at,
        if(person_uses.may_analyse, totals.last_engaged_at, null) as last_engaged_at,
    from totals
    inner join person_uses on totals.person_id = person_uses.person_id
    left join topics on totals.person_id = topics.person_id

)

select * from masked
