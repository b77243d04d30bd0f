{{ config(tags=['after_export']) }}

with

export_row_states as (

    select * from {{ source('ledger', 'export_row_states') }}
    where row_state <> 'absent' and as_of <= {{ as_of() }}

),

audience_identifiers as (

    select recipient, segment, person_id, identifier_key, from {{ ref('audience_identifiers') }}

),

-- the last word on every row: what was taken out again is not there
latest as (

    select
        recipient,
        segment,
        sent_sha256,
        identifier_key,
        arg_max({operation: operation, row_state: row_state, as_of: as_of}, seq) as word,
    from export_row_states
    group by recipient, segment, sent_sha256, identifier_key

),

-- whose identifier it was does not matter here: two records may have become one person since
identifiers as (

    select
        recipient,
        segment,
        identifier_key,
        bool_or(word.row_state in ('arrived', 'rejected')) as is_answered,
        bool_or(word.row_state = 'arrived') as is_received,
        min(word.as_of) as sent_for,
    from latest
    where word.operation = 'add'
    group by recipient, segment, identifier_key

),

people as (

    select
        audience_identifiers.recipient,
        audience_identifiers.segment,
        audience_identifiers.person_id,
        bool_or(identifiers.is_answered) as is_answered,
        bool_or(identifiers.is_received) as is_received,
    from audience_identifiers
    inner join identifiers
        on audience_identifiers.recipient = identifiers.recipient
        and audience_identifiers.segment = identifiers.segment
        and audience_identifiers.identifier_key = identifiers.identifier_key
    group by audience_identifiers.recipient, audience_identifiers.segment, audience_identifiers.person_id

),

counted as (

    select
        recipient,
        segment,
        count(*) as people_sent,
        count(*) filter (is_answered) as people_answered,
        count(*) filter (is_received) as people_received,
    from people
    group by recipient, segment

),

moments as (

    select
        export_row_states.recipient,
        export_row_states.segment,
        max(export_row_states.as_of) as last_sent_at,
    from export_row_states
    group by export_row_states.recipient, export_row_states.segment

),

oldest as (

    select recipient, segment, min(sent_for) as oldest_sent_at,
    from identifiers
    group by recipient, segment

),

told as (

    select
        moments.recipient,
        moments.segment,
        coalesce(counted.people_sent, 0) as people_sent,
        coalesce(counted.people_answered, 0) as people_answered,
        coalesce(counted.people_received, 0) as people_received,
        oldest.oldest_sent_at,
        moments.last_sent_at,
    from moments
    left join counted on moments.recipient = counted.recipient and moments.segment = counted.segment
    left join oldest on moments.recipient = oldest.recipient and moments.segment = oldest.segment

)

select * from told
