-- By which channel a link was passed on is what its sharer did: nothing here rests on it, so that nobody's row changes when
-- somebody else's permission does.
with visits as (

    select
        person_id,
        session_key,
        share_id,
        utm_campaign,
        evidence,
        if(share_id is not null and channel <> 'own_link', 'share_link', channel) as channel,
        started_at,
    from {{ ref('int_dark_social__visits') }}
    where person_id is not null

),

email_events as (

    select * from {{ ref('int_behaviour__email_events') }}
    where
        linked_person_id is not null and campaign_id is not null and not is_machine and not is_withheld
        and event_type in ('delivered', 'open', 'click', 'reply')

),

gates as (

    select * from {{ ref('int_profile__gates') }}
    where may_watch

),

timeline as (

    select timeline.*
    from {{ ref('person_timeline') }} as timeline
    inner join {{ ref('touch_kinds') }} as touch_kinds on timeline.kind = touch_kinds.kind
    where touch_kinds.is_reach and timeline.channel is not null and timeline.occurred_at <= {{ as_of() }}

),

-- a visit is a touch by the channel that brought it
touches as (

    select
        timeline.person_id,
        coalesce(visits.channel, timeline.channel) as channel,
        min(timeline.occurred_at) as first_touched_at,
    from timeline
    inner join gates on timeline.person_id = gates.person_id
    left join visits on timeline.kind = 'visit' and timeline.reference = visits.session_key
    group by all

),

reached as (

    select visits.person_id, 'campaign' as origin_kind, visits.utm_campaign as origin, visits.channel, visits.started_at as reached_at
    from visits
    inner join gates on visits.person_id = gates.person_id
    where visits.utm_campaign is not null and visits.share_id is null

    union all

    select visits.person_id, 'share_link', visits.share_id, visits.channel, visits.started_at
    from visits
    inner join gates on visits.person_id = gates.person_id
    where visits.channel = 'share_link'

    union all

    select email_events.linked_person_id, 'campaign', email_events.campaign_id, 'email', email_events.occurred_at
    from email_events
    inner join gates on email_events.linked_person_id = gates.person_id

),

-- the first time that a campaign or link reached somebody, and by which channel
first_reached as (

    select person_id, origin_kind, origin, channel, reached_at, count(*) over each_origin as times_reached
    from reached
    window each_origin as (partition by person_id, origin_kind, origin)
    qualify row_number() over (
        partition by person_id, origin_kind, origin
        order by reached_at, channel
    ) = 1

),

compared as (

    select
        first_reached.person_id,
        first_reached.origin_kind,
        first_reached.origin,
        first_reached.channel,
        count(*) filter (touches.channel <> first_reached.channel) = 0 as is_newly_reached,
        count(touches.channel) = 0 as is_first_touch,
        first_reached.times_reached,
        min(touches.first_touched_at) as first_touched_at,
        first_reached.reached_at,
    from first_reached
    left join touches
        on first_reached.person_id = touches.person_id
        and touches.first_touched_at < first_reached.reached_at
    group by all

)

select * from compared
