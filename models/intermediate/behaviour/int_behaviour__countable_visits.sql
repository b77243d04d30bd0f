with sessions as (

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

-- Counted among others is who permits analysis and linking, and who was never known at all. What somebody does who is known
-- and permits less changes no number.
countable as (

    select
        sessions.session_id,
        sessions.visitor_id,
        session_persons.person_id,
    from sessions
    inner join session_persons on sessions.session_id = session_persons.session_id
    left join identified on sessions.visitor_id = identified.visitor_id
    where
        session_persons.person_id is not null
        or (sessions.linked_person_id is null and identified.visitor_id is null)

)

select * from countable
