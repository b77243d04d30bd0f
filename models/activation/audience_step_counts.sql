with

audiences as (

    select segment, recipient, from {{ ref('audience_terms') }}

),

persons as (

    select count(*) as people, from {{ ref('int_identity__persons') }}

),

audience_members as (

    select * from {{ ref('audience_members') }}

),

steps as (

    select * from {{ ref('audience_steps') }}
    where counted_from = 'people'

),

-- everybody known stands before the first gate; who is not in a segment was dropped by it
dropped as (

    select recipient, segment, reason, count(*) as people,
    from audience_members
    where not included
    group by recipient, segment, reason

    union all

    select
        audiences.recipient,
        audiences.segment,
        'not_in_segment' as reason,
        any_value(persons.people) - count(audience_members.person_id) as people,
    from audiences
    cross join persons
    left join audience_members
        on audiences.recipient = audience_members.recipient and audiences.segment = audience_members.segment
    group by audiences.recipient, audiences.segment

),

-- one row per audience and step, dropped or not; what is left is everybody less all dropped so far
counted as (

    select
        audiences.recipient,
        audiences.segment,
        steps.step,
        steps.step_number,
        cast(
            persons.people - sum(coalesce(dropped.people, 0)) over (
                partition by audiences.recipient, audiences.segment order by steps.step_number
            ) as bigint
        ) as people,
        coalesce(dropped.people, 0) as dropped,
        if(dropped.people > 0, steps.reason, null) as reason,
    from audiences
    cross join steps
    cross join persons
    left join dropped
        on audiences.recipient = dropped.recipient
        and audiences.segment = dropped.segment
        and steps.reason = dropped.reason

)

select * from counted
