with

shares as (

    select * from {{ ref('int_behaviour__shares') }}

),

clicks as (

    select * from {{ ref('int_behaviour__clicks') }}
    where share_id is not null

),

sessions as (

    select * from {{ ref('int_behaviour__sessions') }}
    where bot_reason is null

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}

),

-- browsers in which somebody logged in, whoever it was and whatever they permit
identified as (

    select visitor_id from {{ ref('int_behaviour__clicks') }}
    where login_id is not null
    group by visitor_id

),

-- A visit through a link counts once per visitor and link. The sharer's own visits prove nothing, bots even less, and the
-- visit of somebody who is known and permits no analysis or no linking must not change what is shown for the sharer.
visits as (

    select
        clicks.share_id,
        clicks.session_id,
        session_persons.person_id as visitor_person_id,
        shares.linked_person_id as sharer_person_id,
        clicks.occurred_at as visited_at,
    from clicks
    inner join shares on clicks.share_id = shares.share_id
    inner join sessions on clicks.session_id = sessions.session_id
    inner join session_persons on clicks.session_id = session_persons.session_id
    left join identified on clicks.visitor_id = identified.visitor_id
    where
        clicks.occurred_at >= shares.created_at
        and sessions.linked_person_id is distinct from shares.linked_person_id
        and (identified.visitor_id is null or session_persons.person_id is not null)
        and clicks.visitor_id is distinct from hash(shares.identifier_key)
    qualify row_number() over (
        partition by clicks.share_id, clicks.visitor_id
        order by clicks.occurred_at, clicks.click_id
    ) = 1

)

select * from visits
