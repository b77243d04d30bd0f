with events as (

    select * from {{ ref('int_identity__events') }}

),

gates as (

    select * from {{ ref('int_profile__gates') }}

),

-- whoever is gone is a number; whoever may not be served is not told of
permitted as (

    select
        events.event_key,
        events.person_id,
        events.other_person_id,
        events.kind,
        events.records,
        events.cause,
        events.cause_detail,
        events.as_of,
        events.recorded_at,
    from events
    left join gates on events.person_id = gates.person_id
    left join gates as other_gates on events.other_person_id = other_gates.person_id
    where coalesce(gates.may_serve, true) and coalesce(other_gates.may_serve, true)

)

select * from permitted
