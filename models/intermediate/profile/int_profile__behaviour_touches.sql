with email_events as (

    select * from {{ ref('int_behaviour__email_events') }}
    where linked_person_id is not null and not is_machine

),

shares as (

    select * from {{ ref('int_behaviour__shares') }}
    where linked_person_id is not null

),

posts as (

    select * from {{ ref('stg_social__posts') }}

),

handles as (

    select * from {{ ref('int_identity__person_identifiers') }}
    where starts_with(identifier_kind, 'handle:') and not is_blocked and not is_shared

),

-- sending a mail is service, reading it is behaviour
unioned as (

    select
        linked_person_id as person_id,
        occurred_at,
        'email_' || event_type as kind,
        'email' as channel,
        'email' as source,
        event_id as reference,
        concat_ws(' ', campaign_id, topic) as detail,
        if(event_type in ('open', 'click', 'reply'), 'analytics.behaviour', 'service') as purpose,
    from email_events

    union all

    select linked_person_id, created_at, 'share', channel, 'web', share_id, page, 'analytics.behaviour',
    from shares

    union all

    select
        handles.person_id,
        posts.posted_at,
        posts.kind,
        'social',
        posts.source,
        posts.post_key,
        posts.platform,
        'enrichment.social',
    from posts
    inner join handles on posts.handle_key = handles.identifier_key

)

select * from unioned
