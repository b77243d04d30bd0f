with

candidates as (

    select * from {{ ref('audience_candidates') }}

),

deferrals as (

    select * from {{ ref('audience_deferrals') }}

),

-- who passed every gate may still have to wait; everybody left out has one reason
decided as (

    select
        candidates.* exclude (reason),
        coalesce(candidates.reason, deferrals.reason) as reason,
    from candidates
    left join deferrals
        on candidates.recipient = deferrals.recipient
        and candidates.segment = deferrals.segment
        and candidates.person_id = deferrals.person_id

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
from decided
