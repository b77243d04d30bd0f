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

    select *, channel as came_by from {{ ref('int_profile__contact_touches') }}

    union all

    select *, channel as came_by from {{ ref('int_profile__behaviour_touches') }}

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
        lower(utm_medium),
    from web_sessions

    union all

    select person_id, reached_at, 'goal', 'web', null, goal_key, goal_id, 'identity.linking', lower(utm_medium),
    from web_goals

),

touch_kinds as (

    select * from {{ ref('touch_kinds') }}

),

channel_directions as (

    select * from {{ ref('channel_directions') }}

),

-- A touch is listed only while the use that it rests on is permitted. Who began it: its kind says it (asking and buying is the
-- person's), else what brought the visit, else the channel; without a channel it is the person's own act.
permitted as (

    select
        touches.person_id,
        touches.occurred_at,
        touches.kind,
        coalesce(
            touch_kinds.direction,
            bringing.direction,
            channel_directions.direction,
            if(touches.channel is null, 'pull', null)
        ) as direction,
        touches.channel,
        touches.source,
        touches.reference,
        touches.detail,
        touches.purpose,
    from touches
    inner join gates on touches.person_id = gates.person_id
    left join touch_kinds on touches.kind = touch_kinds.kind
    left join channel_directions as bringing on touches.came_by = bringing.channel
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
