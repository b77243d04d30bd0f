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
    where not is_bot

),

session_persons as (

    select * from {{ ref('int_behaviour__session_persons') }}

),

-- A visit through a link counts once per visitor and link. The sharer's own visits prove nothing, bots even less.
visits as (

    select
        clicks.share_id,
        clicks.session_key,
        session_persons.person_id as visitor_person_id,
        shares.linked_person_id as sharer_person_id,
        clicks.occurred_at as visited_at,
    from clicks
    inner join shares on clicks.share_id = shares.share_id
    inner join sessions on clicks.session_key = sessions.session_key
    inner join session_persons on clicks.session_key = session_persons.session_key
    where
        clicks.occurred_at >= shares.created_at
        and sessions.linked_person_id is distinct from shares.linked_person_id
        and clicks.cookie_key is distinct from shares.identifier_key
    qualify row_number() over (
        partition by clicks.share_id, clicks.cookie_key
        order by clicks.occurred_at, clicks.event_id
    ) = 1

)

select * from visits
