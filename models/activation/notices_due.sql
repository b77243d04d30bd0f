with

export_rows as (

    select * from {{ source('ledger', 'export_rows') }}
    where operation = 'add'

),

builds as (

    select * from {{ source('ledger', 'export_build_states') }}
    where state <> 'aborted'

),

held_identifiers as (

    select * from {{ source('ledger', 'held_identifiers') }}

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

person_links as (

    select person_id, identifier_key, from {{ ref('int_identity__person_links') }}

),

denials as (

    select * from {{ ref('int_consent__denials') }}

),

events as (

    select event_id, loaded_at, from {{ ref('stg_consent__events') }}
    where event_id in (select winning_event_id from denials)

),

tombstones as (

    select identifier_key, min(erased_at) as erased_at, from {{ ref('stg_consent__tombstones') }}
    group by identifier_key

),

-- everything that ever left and is not held: what is held is told by taking it out
gone as (

    select
        export_rows.recipient,
        export_rows.identifier_key,
        any_value(export_rows.identifier_kind) as identifier_kind,
        max_by(export_rows.person_id, export_rows.seq) as person_id,
        max(export_rows.as_of) as last_sent_at,
        max(builds.requested_at) as last_requested_at,
        max(export_rows.seq) as export_seq,
    from export_rows
    inner join builds on export_rows.build_id = builds.build_id
    anti join held_identifiers
        on export_rows.recipient = held_identifiers.recipient
        and export_rows.identifier_key = held_identifiers.identifier_key
    group by export_rows.recipient, export_rows.identifier_key

),

-- itself, and whatever is linked to it today
asked as (

    select recipient, identifier_key, identifier_key as asked_key, from gone
    union
    select gone.recipient, gone.identifier_key, theirs.identifier_key,
    from gone
    inner join person_links as own on gone.identifier_key = own.identifier_key
    inner join person_links as theirs on own.person_id = theirs.person_id

),

-- GDPR Art. 19: erasure and restriction are told to everybody who ever got it. A no that is loaded late finds what
-- left since it was said: that was sent without permission, and the recipient must know (Art. 17(1)(d)).
told as (

    select
        gone.recipient,
        gone.identifier_key,
        gone.identifier_kind,
        gone.person_id,
        recipients.purpose,
        denials.state as cause,
        denials.winning_event_id as deciding_event_id,
        if(denials.state = 'erased', tombstones.erased_at, denials.valid_from) as caused_at,
        coalesce(events.loaded_at, tombstones.erased_at) as known_at,
        gone.export_seq,
    from asked
    inner join gone on asked.recipient = gone.recipient and asked.identifier_key = gone.identifier_key
    inner join recipients on gone.recipient = recipients.recipient
    inner join denials
        on asked.asked_key = denials.identifier_key
        and list_contains(recipients.purposes, denials.purpose)
        and recipients.channel is not distinct from denials.channel
        and recipients.permission_recipient is not distinct from denials.recipient
    left join events on denials.winning_event_id = events.event_id
    left join tombstones on asked.asked_key = tombstones.identifier_key
    where
        denials.state in ('erased', 'restricted')
        or (denials.valid_from <= gone.last_sent_at and gone.last_requested_at < events.loaded_at)
    qualify row_number() over (
        partition by gone.recipient, gone.identifier_key, denials.state, denials.winning_event_id
        order by asked.asked_key <> gone.identifier_key, asked.asked_key, denials.purpose <> recipients.purpose, denials.purpose
    ) = 1

)

select * from told
