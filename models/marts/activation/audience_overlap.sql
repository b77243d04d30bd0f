with

audience_members as (

    select recipient, segment, person_id, from {{ ref('audience_members') }}
    where included

),

audiences as (

    select * from {{ ref('audiences') }}

),

sizes as (

    select
        audiences.recipient,
        audiences.segment,
        count(audience_members.person_id) as people,
    from audiences
    left join audience_members
        on audiences.recipient = audience_members.recipient and audiences.segment = audience_members.segment
    group by audiences.recipient, audiences.segment

),

shared as (

    select
        first.recipient,
        first.segment as segment_a,
        second.segment as segment_b,
        count(*) as people,
    from audience_members as first
    inner join audience_members as second
        on first.recipient = second.recipient
        and first.person_id = second.person_id
        and first.segment < second.segment
    group by first.recipient, first.segment, second.segment

),

-- every pair once, also those that share nobody
compared as (

    select
        first.recipient,
        first.segment as segment_a,
        second.segment as segment_b,
        first.people as n_a,
        second.people as n_b,
        coalesce(shared.people, 0) as n_ab,
        coalesce(shared.people, 0) / nullif(first.people + second.people - coalesce(shared.people, 0), 0) as jaccard,
        coalesce(shared.people, 0) / nullif(least(first.people, second.people), 0) as share_of_smaller,
    from sizes as first
    inner join sizes as second on first.recipient = second.recipient and first.segment < second.segment
    left join shared
        on first.recipient = shared.recipient
        and first.segment = shared.segment_a
        and second.segment = shared.segment_b

)

select * from compared
