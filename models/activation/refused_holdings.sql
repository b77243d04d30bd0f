with

sent_standings as (

    select * from {{ ref('sent_standings') }}
    where not is_permitted or is_ending

),

recipients as (

    select
        recipient,
        permission_recipient,
        purpose,
        channel,
        list_append(string_split(signal_purposes, ';'), purpose) as purposes,
    from {{ ref('recipients') }}

),

denials as (

    select * from {{ ref('int_consent__denials') }}

),

person_links as (

    select person_id, identifier_key, from {{ ref('int_identity__person_links') }}

),

exit_permissions as (

    select * from {{ ref('int_consent__exit_permissions') }}

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}

),

segment_permissions as (

    select * from {{ ref('segment_permissions') }}

),

person_permissions as (

    select * from {{ ref('int_consent__person_permissions') }}
    where channel is null and recipient is null

),

tombstones as (

    select identifier_key, from {{ ref('stg_consent__tombstones') }}
    group by identifier_key

),

-- itself, and whatever is linked to it today
asked as (

    select recipient, identifier_key, identifier_key as asked_key, from sent_standings
    union
    select sent_standings.recipient, sent_standings.identifier_key, theirs.identifier_key,
    from sent_standings
    inner join person_links as own on sent_standings.identifier_key = own.identifier_key
    inner join person_links as theirs on own.person_id = theirs.person_id

),

-- the no that travels over links: to the recipient's purpose, or to a signal that its platform demands
denied as (

    select asked.recipient, asked.identifier_key, denials.state, denials.winning_event_id, denials.valid_from,
    from asked
    inner join recipients on asked.recipient = recipients.recipient
    inner join denials
        on asked.asked_key = denials.identifier_key
        and list_contains(recipients.purposes, denials.purpose)
        and denials.channel is not distinct from recipients.channel
        and denials.recipient is not distinct from recipients.permission_recipient
    qualify row_number() over (
        partition by asked.recipient, asked.identifier_key
        order by denials.valid_from, denials.rule_id, denials.winning_event_id, denials.identifier_key
    ) = 1

),

-- what shuts the gate today; the recipient's own refusal first, then that of a purpose of the segment
refusals as (

    select
        sent_standings.recipient,
        sent_standings.segment,
        sent_standings.identifier_key,
        1 as gate,
        case
            when exit_permissions.reason = 'identifier_shared' then 'identifier_shared'
            when exit_permissions.state = 'unknown' then coalesce(denied.state, 'unknown')
            else exit_permissions.state
        end as cause,
        recipients.purpose,
        recipients.channel,
        recipients.permission_recipient,
        exit_permissions.reason,
        exit_permissions.reason = 'denied_for_the_person'
            or (exit_permissions.state = 'unknown' and denied.state is not null) as is_through_link,
        if(exit_permissions.state = 'unknown', denied.winning_event_id, exit_permissions.winning_event_id) as event_id,
        denied.valid_from as denied_from,
        cast(null as timestamp) as ends_at,
    from sent_standings
    inner join recipients on sent_standings.recipient = recipients.recipient
    inner join exit_permissions
        on sent_standings.recipient = exit_permissions.recipient
        and sent_standings.identifier_key = exit_permissions.identifier_key
    left join denied
        on sent_standings.recipient = denied.recipient and sent_standings.identifier_key = denied.identifier_key
    where not exit_permissions.is_permitted and not sent_standings.is_permitted

    union all by name

    select
        sent_standings.recipient,
        sent_standings.segment,
        sent_standings.identifier_key,
        2 as gate,
        coalesce(person_permissions.state, 'unknown') as cause,
        segment_permissions.refused_purpose as purpose,
        segment_permissions.refusal_reason as reason,
        true as is_through_link,
        segment_permissions.event_id,
    from sent_standings
    inner join recipient_identifiers
        on sent_standings.recipient = recipient_identifiers.recipient
        and sent_standings.identifier_key = recipient_identifiers.identifier_key
    inner join segment_permissions
        on sent_standings.segment = segment_permissions.segment
        and recipient_identifiers.person_id = segment_permissions.person_id
    left join person_permissions
        on segment_permissions.person_id = person_permissions.person_id
        and segment_permissions.refused_purpose = person_permissions.purpose
    where not segment_permissions.is_permitted and not sent_standings.is_permitted

    union all by name

    -- permitted, but of a kind that is taken no more, a placeholder, or more than one person's
    select
        sent_standings.recipient,
        sent_standings.segment,
        sent_standings.identifier_key,
        3 as gate,
        'identifier_shared' as cause,
        recipients.purpose,
        'not_usable' as reason,
        false as is_through_link,
    from sent_standings
    inner join recipients on sent_standings.recipient = recipients.recipient
    inner join recipient_identifiers
        on sent_standings.recipient = recipient_identifiers.recipient
        and sent_standings.identifier_key = recipient_identifiers.identifier_key
    where not recipient_identifiers.is_usable and not sent_standings.is_permitted

    union all by name

    select
        sent_standings.recipient,
        sent_standings.segment,
        sent_standings.identifier_key,
        4 as gate,
        'expires_before_next_run' as cause,
        recipients.purpose,
        'ends_at_known_moment' as reason,
        false as is_through_link,
        recipient_identifiers.event_id,
        least(recipient_identifiers.ends_at, segment_permissions.ends_at) as ends_at,
    from sent_standings
    inner join recipients on sent_standings.recipient = recipients.recipient
    inner join recipient_identifiers
        on sent_standings.recipient = recipient_identifiers.recipient
        and sent_standings.identifier_key = recipient_identifiers.identifier_key
    inner join segment_permissions
        on sent_standings.segment = segment_permissions.segment
        and recipient_identifiers.person_id = segment_permissions.person_id
    where sent_standings.is_ending and least(recipient_identifiers.ends_at, segment_permissions.ends_at) is not null

    union all by name

    -- nobody's any more: its records are gone, or it is erased
    select
        sent_standings.recipient,
        sent_standings.segment,
        sent_standings.identifier_key,
        5 as gate,
        if(tombstones.identifier_key is null, 'unknown', 'erased') as cause,
        recipients.purpose,
        recipients.channel,
        recipients.permission_recipient,
        'nobodys_identifier' as reason,
        false as is_through_link,
    from sent_standings
    left join recipients on sent_standings.recipient = recipients.recipient
    left join tombstones on sent_standings.identifier_key = tombstones.identifier_key
    where not sent_standings.is_permitted

),

first_refusal as (

    select refusals.*, recipients.purposes,
    from refusals
    left join recipients on refusals.recipient = recipients.recipient
    qualify row_number() over (
        partition by refusals.recipient, refusals.segment, refusals.identifier_key
        order by refusals.gate, refusals.cause, refusals.event_id, refusals.purpose
    ) = 1

)

select * from first_refusal
