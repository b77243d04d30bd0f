with email_events as (

    select * from {{ ref('int_behaviour__email_events') }}
    where linked_person_id is not null and not (is_withheld and event_type in ('open', 'click', 'reply'))

),

shares as (

    select * from {{ ref('int_behaviour__shares') }}
    where linked_person_id is not null

),

posts as (

    select * from {{ ref('stg_social__posts') }}

),

edges as (

    select * from {{ ref('stg_social__edges') }}

),

handles as (

    select * from {{ ref('int_behaviour__identifier_persons') }}
    where starts_with(identifier_kind, 'handle:')

),

-- Sending a mail is service, reading it is behaviour; what a machine opened is kept apart from what a reader did. A relation is
-- listed when it was first observed, without saying to whom.
unioned as (

    select
        linked_person_id as person_id,
        occurred_at,
        if(is_machine, 'email_machine_', 'email_') || event_type as kind,
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
        if(posts.kind = 'share', 'repost', posts.kind),
        'social',
        posts.source,
        posts.post_key,
        posts.platform,
        'enrichment.social',
    from posts
    inner join handles on posts.handle_key = handles.identifier_key

    union all

    select
        handles.person_id,
        edges.first_observed_at,
        'social_' || edges.kind,
        'social',
        edges.source,
        md5(concat_ws('|', edges.from_handle_key, edges.to_handle_key)),
        edges.platform,
        'enrichment.social',
    from edges
    inner join handles on edges.from_handle_key = handles.identifier_key

)

select * from unioned
