with

segment_members as (

    select * from {{ ref('segment_members') }}

),

held_identifiers as (

    select * from {{ source('ledger', 'held_identifiers') }}

),

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

segment_purposes as (

    select * from {{ source('lineage', 'segment_purposes') }}

),

segment_versions as (

    select * from {{ ref('segment_versions') }}

),

person_permissions as (

    select * from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null

),

ending_uses as (

    select * from {{ ref('ending_uses') }}

),

audience_draws as (

    select segment, person_id, from {{ source('ledger', 'audience_draws') }}

),

-- who is in the segment, who was sent for it and may have to come back, and who was drawn for an arm of its hold-out
people as (

    select segment, person_id, from segment_members
    union
    select held_identifiers.segment, person_identifiers.person_id,
    from held_identifiers
    inner join person_identifiers on held_identifiers.identifier_key = person_identifiers.identifier_key
    union
    select segment, person_id, from audience_draws

),

-- what was derived from another text of the segment is not known of this one
purposes as (

    select segment_purposes.segment, segment_purposes.purpose,
    from segment_purposes
    inner join segment_versions
        on segment_purposes.segment = segment_versions.segment
        and segment_purposes.sql_checksum = segment_versions.sql_checksum
    group by segment_purposes.segment, segment_purposes.purpose

),

-- every purpose that the segment needs, put to every person; a segment nothing is known of needs what nobody gave
asked as (

    select
        people.segment,
        people.person_id,
        purposes.purpose,
        coalesce(person_permissions.is_permitted, false) as is_permitted,
        person_permissions.rule_id,
        person_permissions.reason,
        person_permissions.winning_event_id,
        ending_uses.ends_at,
    from people
    left join purposes on people.segment = purposes.segment
    left join person_permissions
        on people.person_id = person_permissions.person_id and purposes.purpose = person_permissions.purpose
    left join ending_uses
        on people.person_id = ending_uses.person_id and purposes.purpose = ending_uses.purpose

),

-- the first refusal decides what is said of it
decided as (

    select
        segment,
        person_id,
        bool_and(is_permitted) as is_permitted,
        min_by(
            {purpose: coalesce(purpose, 'unknown'), rule_id: rule_id, reason: reason, event_id: winning_event_id},
            coalesce(purpose, '')
        ) filter (not is_permitted) as refusal,
        min(ends_at) filter (is_permitted) as ends_at,
    from asked
    group by segment, person_id

)

select
    segment,
    person_id,
    is_permitted,
    refusal.purpose as refused_purpose,
    refusal.rule_id as rule_id,
    refusal.reason as refusal_reason,
    refusal.event_id as event_id,
    ends_at,
from decided
