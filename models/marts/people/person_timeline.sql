with gates as (

    select * from {{ ref('int_profile__gates') }}

),

web_sessions as (

    select * from {{ ref('web_sessions') }}
    where person_id is not null

),

web_goals as (

    select * from {{ ref('web_goals') }}
    where person_id is not null

),

touches as (

    select * from {{ ref('int_profile__contact_touches') }}

    union all

    select * from {{ ref('int_profile__behaviour_touches') }}

    union all

    select
        person_id,
        started_at,
        'visit',
        'web',
        source,
        session_key,
        concat(page_views, ' pages, ', seconds, ' s, from ', landing_page),
        'identity.linking',
    from web_sessions

    union all

    select person_id, reached_at, 'goal', 'web', null, goal_key, goal_id, 'identity.linking',
    from web_goals

),

channel_directions as (

    select * from {{ ref('channel_directions') }}

),

-- A touch is listed only while the use that it rests on is permitted. Without a channel it is the person's own act; a
-- channel that nobody declared has no direction.
permitted as (

    select
        touches.person_id,
        touches.occurred_at,
        touches.kind,
        case when touches.channel is null then 'pull' else channel_directions.direction end as direction,
        touches.channel,
        touches.source,
        touches.reference,
        touches.detail,
        touches.purpose,
    from touches
    inner join gates on touches.person_id = gates.person_id
    left join channel_directions on touches.channel = channel_directions.channel
    where
        case touches.purpose
            when 'service' then gates.may_serve
            when 'analytics.behaviour' then gates.may_analyse
            when 'identity.linking' then gates.may_watch
            when 'enrichment.social' then gates.may_use_social
            else false
        end

)

select * from permitted
