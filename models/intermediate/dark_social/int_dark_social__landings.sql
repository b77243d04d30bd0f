with countable as (

    select * from {{ ref('int_behaviour__countable_visits') }}

),

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

pages as (

    select * from {{ ref('int_dark_social__pages') }}

),

origins as (

    select * from {{ ref('int_dark_social__origins') }}

),

mail_clicks as (

    select linked_person_id as person_id, occurred_at from {{ ref('int_behaviour__email_events') }}
    where event_type = 'click' and linked_person_id is not null and not is_machine and not is_withheld

),

-- New is the first visit of a browser and, where the person is known, of the person.
ordered as (

    select
        countable.*,
        sessions.session_key,
        sessions.source,
        sessions.started_at,
        sessions.landing_page_id,
        sessions.landing_share_id,
        sessions.origin_id,
        row_number() over (
            partition by countable.visitor_id
            order by sessions.started_at, countable.session_id
        ) = 1
        and (
            countable.person_id is null
            or row_number() over (
                partition by countable.person_id
                order by sessions.started_at, countable.session_id
            ) = 1
        ) as is_new,
    from countable
    inner join sessions on countable.session_id = sessions.session_id

),

-- a click in a mail of ours, whose address says nothing of the mail
after_mail as (

    select ordered.session_id
    from ordered
    inner join mail_clicks
        on ordered.person_id = mail_clicks.person_id
        and mail_clicks.occurred_at <= ordered.started_at
        and mail_clicks.occurred_at > ordered.started_at - interval {{ var('email_landing_seconds') }} second
    group by ordered.session_id

),

described as (

    select
        ordered.session_id,
        ordered.session_key,
        ordered.visitor_id,
        ordered.person_id,
        ordered.source,
        pages.path,
        pages.is_typed,
        ordered.is_new,
        ordered.landing_share_id as share_id,
        pages.utm_campaign,
        pages.private_channel,
        case
            when pages.tagged_channel is not null then pages.tagged_channel
            -- from one page of the site to the next after a pause: nobody brought it
            when origins.referrer_host = pages.host then 'internal'
            when origins.channel is null and after_mail.session_id is not null then 'email'
        end as own_channel,
        origins.channel as origin_channel,
        origins.evidence as origin_evidence,
        origins.tells_referrer,
        ordered.started_at,
    from ordered
    inner join pages on ordered.landing_page_id = pages.page_id
    inner join origins on ordered.origin_id = origins.origin_id
    left join after_mail on ordered.session_id = after_mail.session_id

)

select * from described
