with countable as (

    select * from {{ ref('int_behaviour__countable_visits') }}

),

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}

),

first_clicks as (

    select session_id, origin_id, share_id from {{ ref('int_behaviour__clicks') }}
    where is_first

),

pages as (

    select * from {{ ref('int_dark_social__pages') }}

),

origins as (

    select * from {{ ref('int_dark_social__origins') }}

),

links as (

    select * from {{ ref('int_dark_social__links') }}

),

-- New is the first visit of a browser and, where the person is known, of the person.
ordered as (

    select
        countable.*,
        sessions.session_key,
        sessions.source,
        sessions.started_at,
        sessions.landing_page_id,
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

described as (

    select
        ordered.*,
        pages.path,
        pages.is_typed,
        pages.utm_campaign,
        pages.private_channel,
        pages.tagged_channel,
        first_clicks.share_id,
        links.share_id is not null as is_usable_link,
        links.channel as link_channel,
        links.is_private,
        -- whoever opens their own link tries it out
        coalesce(links.sharer_person_id = ordered.person_id, false) as is_own_link,
        -- from one page of the site to the next after a pause: nobody brought it
        origins.referrer_host is not null and origins.referrer_host = pages.host as is_internal,
        origins.channel as origin_channel,
        origins.evidence as origin_evidence,
    from ordered
    inner join first_clicks on ordered.session_id = first_clicks.session_id
    inner join pages on ordered.landing_page_id = pages.page_id
    inner join origins on first_clicks.origin_id = origins.origin_id
    left join links on first_clicks.share_id = links.share_id

),

-- The strongest evidence first; what the address says beats where it was opened, and that beats having no trace at all.
classified as (

    select
        *,
        case
            when is_own_link then 'known'
            when share_id is not null and is_private then 'share_link'
            when is_usable_link and is_private is not null then 'known'
            when share_id is not null then 'share_link_unknown'
            when private_channel is not null then 'tagged'
            when tagged_channel is not null or is_internal then 'known'
            when origin_evidence is not null then origin_evidence
            when is_typed or not is_new then 'typed_in'
            else 'deep_direct'
        end as evidence,
        case
            when is_own_link then 'own_link'
            when share_id is not null then coalesce(link_channel, 'unknown')
            when private_channel is not null then private_channel
            when tagged_channel is not null then tagged_channel
            when is_internal then 'internal'
            when origin_channel is not null then origin_channel
            when is_typed or not is_new then 'direct'
            else 'unknown'
        end as channel,
    from described

),

visits as (

    select
        session_id,
        session_key,
        visitor_id,
        person_id,
        source,
        path,
        is_typed,
        is_new,
        channel,
        evidence,
        share_id,
        utm_campaign,
        started_at,
    from classified

)

select * from visits
