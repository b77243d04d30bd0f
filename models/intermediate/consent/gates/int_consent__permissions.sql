with permissions as (

    select * from {{ permission_at(as_of(), latest_known()) }}

)

select
    identifier_key,
    identifier_kind,
    purpose,
    channel,
    recipient,
    controller,
    state,
    is_permitted,
    rule_id,
    reason,
    winning_event_id,
    holds_negative,
    expires_at,
    valid_from,
    valid_to,
from permissions
