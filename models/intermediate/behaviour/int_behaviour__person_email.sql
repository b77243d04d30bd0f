with

person_mails as (

    select * from {{ ref('int_behaviour__person_mails') }}

),

person_uses as (

    select * from {{ ref('int_behaviour__person_uses') }}
    where may_serve

),

-- What the mail service did is kept to serve the address; what the person did with the mail is behaviour.
masked as (

    select
        person_mails.person_id,
        person_mails.sent,
        person_mails.delivered,
        person_mails.bounces,
        person_mails.hard_bounces,
        person_mails.complaints,
        person_mails.unsubscribes,
        if(person_uses.may_analyse, person_mails.opens, null) as opens,
        if(person_uses.may_analyse, person_mails.machine_opens, null) as machine_opens,
        if(person_uses.may_analyse, person_mails.clicks, null) as clicks,
        if(person_uses.may_analyse, person_mails.machine_clicks, null) as machine_clicks,
        if(person_uses.may_analyse, person_mails.replies, null) as replies,
        if(person_uses.may_analyse, person_mails.topics, null) as topics,
        if(person_uses.may_analyse, null, 'analytics.behaviour: ' || coalesce(person_uses.analysis_reason, 'no permission known'))
            as engagement_masked_reason,
        person_mails.last_sent_at,
        if(person_uses.may_analyse, person_mails.last_engaged_at, null) as last_engaged_at,
    from person_mails
    inner join person_uses on person_mails.person_id = person_uses.person_id

)

select * from masked
