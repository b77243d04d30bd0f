with

audiences as (

    select * from {{ ref('audiences') }}

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

-- everybody in the segment, once per recipient, with what each gate says; no answer is a no
candidates as (

    select
        audiences.recipient,
        audiences.segment,
        segment_members.person_id,
        coalesce(segment_permissions.is_permitted, false) as is_use_permitted,
        coalesce(segment_permissions.refused_purpose, 'unknown') as refused_purpose,
        coalesce(recipient_people.is_permitted, false) as is_permitted,
        coalesce(recipient_people.is_suppressed, false) as is_suppressed,
        coalesce(recipient_people.is_addressable, false) as is_addressable,
        segment_permissions.rule_id as use_rule_id,
        segment_permissions.event_id as use_event_id,
        coalesce(recipient_people.rule_id, 'R13') as recipient_rule_id,
        recipient_people.event_id as recipient_event_id,
    from audiences
    inner join segment_members on audiences.segment = segment_members.segment
    left join segment_permissions
        on audiences.segment = segment_permissions.segment
        and segment_members.person_id = segment_permissions.person_id
    left join recipient_people
        on audiences.recipient = recipient_people.recipient
        and segment_members.person_id = recipient_people.person_id

),

-- the gates in their fixed order: the first that is shut is the one reason
gated as (

    select
        *,
        case
            when not is_use_permitted then 'use_not_permitted'
            when not is_permitted and not is_suppressed then 'recipient_not_permitted'
            when is_suppressed then 'suppressed'
            when not is_addressable then 'no_usable_identifier'
        end as reason,
    from candidates

)

select
    recipient,
    segment,
    person_id,
    reason is null as included,
    reason,
    case when reason = 'use_not_permitted' then refused_purpose end as refused_purpose,
    case
        when reason = 'use_not_permitted' then use_rule_id
        when reason in ('recipient_not_permitted', 'suppressed') then recipient_rule_id
    end as rule_id,
    case
        when reason = 'use_not_permitted' then use_event_id
        when reason in ('recipient_not_permitted', 'suppressed') then recipient_event_id
    end as deciding_event_id,
from gated
