-- Acknowledged adds less acknowledged removes are permitted now, per recipient; what may have left counts as sent. Run
-- after the export: before it, a fresh withdrawal is still to be executed.
{{ config(tags=['after_export'], meta={'dagster': {'ref': {'name': 'obligations'}}}) }}

with

left_behind as (

    select recipient, segment, identifier_key, seq, from {{ source('ledger', 'sent_identifiers') }}
    union all
    select recipient, segment, identifier_key, seq, from {{ source('ledger', 'unsettled_identifiers') }}

),

-- what somebody took out by hand, and answers for, is there no more
sent as (

    select left_behind.recipient, left_behind.segment, left_behind.identifier_key,
    from left_behind
    anti join {{ source('ledger', 'obligation_states') }} as by_hand
        on left_behind.recipient = by_hand.recipient
        and left_behind.segment = by_hand.segment
        and left_behind.identifier_key = by_hand.identifier_key
        and by_hand.duty = 'remove'
        and by_hand.acknowledged_by is not null
        and left_behind.seq <= by_hand.export_seq
    group by all

),

owners as (

    select sent.*, exit_permissions.person_id, exit_permissions.is_permitted,
    from sent
    left join {{ ref('int_consent__exit_permissions') }} as exit_permissions
        on sent.recipient = exit_permissions.recipient and sent.identifier_key = exit_permissions.identifier_key

),

needed as (

    select segment, purpose, from {{ source('lineage', 'segment_purposes') }}
    group by segment, purpose

),

-- the recipient is permitted by all whose identifier it is, and every needed purpose by at least one of them
asked as (

    select
        owners.recipient,
        owners.segment,
        owners.identifier_key,
        owners.person_id,
        bool_and(coalesce(owners.is_permitted, false)) as is_permitted,
        bool_and(coalesce(person_permissions.is_permitted, false)) as is_use_permitted,
    from owners
    left join needed on owners.segment = needed.segment
    left join {{ ref('int_consent__person_permissions') }} as person_permissions
        on owners.person_id = person_permissions.person_id
        and needed.purpose = person_permissions.purpose
        and person_permissions.channel is null
        and person_permissions.recipient is null
    group by all

),

unpermitted as (

    select recipient, segment, identifier_key, from asked
    group by recipient, segment, identifier_key
    having not bool_and(is_permitted) or not bool_or(is_use_permitted)

),

-- the removal must have left before this is asked
obligations as (

    select * from {{ ref('obligations') }}
    where duty = 'remove' and status <> 'met'

)

select recipient, segment, identifier_key, from unpermitted
union
select recipient, segment, identifier_key, from obligations
