with

candidates as (

    select * from {{ ref('audience_candidates') }}
    where reason is null and is_weighed

),

held_identifiers as (

    select * from {{ source('ledger', 'held_identifiers') }}

),

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

-- who is in the recipient's audience already, and so does not come in tonight
held as (

    select held_identifiers.recipient, held_identifiers.segment, person_identifiers.person_id,
    from held_identifiers
    inner join person_identifiers on held_identifiers.identifier_key = person_identifiers.identifier_key
    group by held_identifiers.recipient, held_identifiers.segment, person_identifiers.person_id

),

-- one audience per exclusive group, recipient and person: the highest priority, then the first by name
ranked as (

    select
        candidates.recipient,
        candidates.segment,
        candidates.person_id,
        candidates.priority,
        candidates.cap_count,
        candidates.cap_days,
        candidates.hold_below_floor,
        candidates.exclusive_group is not null and row_number() over (
            partition by candidates.recipient, candidates.exclusive_group, candidates.person_id
            order by candidates.priority desc, candidates.segment
        ) > 1 as is_outranked,
        held.person_id is not null as is_held,
    from candidates
    left join held
        on candidates.recipient = held.recipient
        and candidates.segment = held.segment
        and candidates.person_id = held.person_id

)

select * from ranked
