with landings as (

    select * from {{ ref('int_dark_social__landings') }}

),

links as (

    select * from {{ ref('int_dark_social__links') }}

),

passed_on as (

    select
        landings.*,
        links.channel as link_channel,
        links.is_private,
        -- whoever opens their own link tries it out
        coalesce(links.sharer_person_id = landings.person_id, false) as is_own_link,
    from landings
    left join links on landings.share_id = links.share_id

),

-- The strongest evidence first: what the address says, then where it was opened, then that there is no trace at all.
classified as (

    select
        *,
        case
            when is_own_link then 'known'
            when is_private then 'share_link'
            when not is_private then 'known'
            when share_id is not null then 'share_link_unknown'
            when private_channel is not null then 'tagged'
            when own_channel is not null then 'known'
            when origin_evidence is not null then origin_evidence
            when not tells_referrer then 'not_told'
            when is_typed or not is_new then 'typed_in'
            else 'deep_direct'
        end as evidence,
        case
            when is_own_link then 'own_link'
            when share_id is not null then coalesce(link_channel, 'unknown')
            else coalesce(
                private_channel,
                own_channel,
                origin_channel,
                case when not tells_referrer then 'not_told' when is_typed or not is_new then 'direct' else 'unknown' end
            )
        end as channel,
    from passed_on

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
