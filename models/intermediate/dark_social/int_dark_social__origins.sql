with seen as (

    select * from {{ ref('int_behaviour__origins') }}

),

views as (

    select origin_id, count(*) as page_views from {{ ref('int_behaviour__clicks') }}
    group by origin_id

),

markers as (

    select * from {{ ref('visit_markers') }}

),

-- Patterns run here, once for all visits that say the same.
origins as (

    select
        seen.origin_id,
        seen.referrer_host,
        seen.user_agent,
        -- where a source has delivered many views and no referrer at all, the want of one says nothing
        bool_or(seen.has_referrer) over (partition by seen.source)
        or sum(views.page_views) over (partition by seen.source) < {{ var('dark_social_views_without_referrer') }} as tells_referrer,
    from seen
    inner join views on seen.origin_id = views.origin_id

),

hosts as (

    select referrer_host from origins
    where referrer_host is not null
    group by referrer_host

),

user_agents as (

    select user_agent from origins
    where user_agent is not null
    group by user_agent

),

-- whole labels of the host; the longest marker says most
marked_hosts as (

    select hosts.referrer_host, markers.channel, markers.evidence
    from hosts
    inner join markers
        on markers.place = 'referrer'
        and contains('.' || hosts.referrer_host || '.', '.' || markers.marker || '.')
    qualify row_number() over (
        partition by hosts.referrer_host
        order by length(markers.marker) desc, markers.marker
    ) = 1

),

marked_agents as (

    select user_agents.user_agent, markers.channel, markers.evidence
    from user_agents
    inner join markers on markers.place = 'user_agent' and contains(user_agents.user_agent, markers.marker)
    qualify row_number() over (
        partition by user_agents.user_agent
        order by length(markers.marker) desc, markers.marker
    ) = 1

),

-- The site that the visit came from says more than the app it was opened in; a site without a marker is one that links to us.
described as (

    select
        origins.origin_id,
        origins.referrer_host,
        origins.tells_referrer,
        case
            when marked_hosts.referrer_host is not null then marked_hosts.channel
            when origins.referrer_host is not null then 'referral'
            else marked_agents.channel
        end as channel,
        case
            when marked_hosts.referrer_host is not null then marked_hosts.evidence
            when origins.referrer_host is not null then 'known'
            else marked_agents.evidence
        end as evidence,
    from origins
    left join marked_hosts on origins.referrer_host = marked_hosts.referrer_host
    left join marked_agents on origins.user_agent = marked_agents.user_agent

)

select * from described
