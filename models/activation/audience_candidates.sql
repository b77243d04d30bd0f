{{ config(materialized='view') }}

with

audiences as (

    select * from {{ ref('audience_terms') }}

),

segment_properties as (

    select * from {{ source('lineage', 'segment_properties') }}

),

segment_members as (

    select * from {{ ref('segment_members') }}

),

segment_permissions as (

    select * from {{ ref('segment_permissions') }}

),

recipient_people as (

    select * from {{ ref('recipient_people') }}

),

-- a cap counts every audience of its recipient, so all of them are weighed where one has a cap
described as (

    select
        audiences.recipient,
        coalesce(audiences.is_ended, false) as is_ended,
        segment_properties.*,
        segment_properties.exclusive_group is not null
            or coalesce(segment_properties.hold_below_floor, false)
            or count(segment_properties.cap_count) over (partition by audiences.recipient) > 0
            as is_weighed,
    from audiences
    inner join segment_properties on audiences.segment = segment_properties.segment

),

-- everybody in the segment, once per recipient, with what each gate says; no answer is a no
asked as (

    select
        described.recipient,
        described.segment,
        segment_members.person_id,
        described.is_weighed,
        described.is_ended,
        described.priority,
        described.exclusive_group,
        described.cap_count,
        described.cap_days,
        described.hold_below_floor,
        coalesce(segment_permissions.is_permitted, false) as is_use_permitted,
        coalesce(segment_permissions.refused_purpose, 'unknown') as refused_purpose,
        coalesce(recipient_people.is_permitted, false) as is_permitted,
        coalesce(recipient_people.is_suppressed, false) as is_suppressed,
        coalesce(recipient_people.is_addressable, false) as is_addressable,
        coalesce(recipient_people.is_lasting, false) and segment_permissions.ends_at is null as is_lasting,
        case
            when described.holdout_share > 0
                then {{ held_out_draw('segment_members.person_id', 'described.holdout_salt') }} < described.holdout_share
            else false
        end as is_held_out,
        segment_permissions.rule_id as use_rule_id,
        segment_permissions.event_id as use_event_id,
        coalesce(recipient_people.rule_id, 'R13') as recipient_rule_id,
        recipient_people.event_id as recipient_event_id,
    from described
    inner join segment_members on described.segment = segment_members.segment
    left join segment_permissions
        on described.segment = segment_permissions.segment
        and segment_members.person_id = segment_permissions.person_id
    left join recipient_people
        on described.recipient = recipient_people.recipient
        and segment_members.person_id = recipient_people.person_id

),

-- the gates in their fixed order: the first that is shut is the one reason
gated as (

    select
        *,
        case
            when is_ended then 'audience_ended'
            when not is_use_permitted then 'use_not_permitted'
            when not is_permitted and not is_suppressed then 'recipient_not_permitted'
            when is_suppressed then 'suppressed'
            when is_held_out then 'held_out'
            when not is_addressable then 'no_usable_identifier'
            when not is_lasting then 'expires_before_next_run'
        end as reason,
    from asked

)

select * from gated
