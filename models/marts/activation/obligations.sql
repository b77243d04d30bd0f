{{ config(tags=['after_export']) }}

with

builds as (

    select * from {{ source('ledger', 'export_build_states') }}

),

export_rows as (

    select * from {{ source('ledger', 'export_rows') }}

),

sent as (

    select * from {{ source('ledger', 'sent_identifiers') }}
    union all
    select * from {{ source('ledger', 'unsettled_identifiers') }}

),

audience_identifiers as (

    select * from {{ ref('audience_identifiers') }}

),

sent_standings as (

    select * from {{ ref('sent_standings') }}

),

-- a permission ended and the recipient was told
met as (

    select
        export_rows.seq as ledger_seq,
        export_rows.recipient,
        export_rows.segment,
        export_rows.person_id,
        export_rows.identifier_key,
        export_rows.identifier_kind,
        'met' as status,
        export_rows.authorising_event_id as deciding_event_id,
        export_rows.build_id,
        builds.acknowledged_at as met_at,
    from export_rows
    inner join builds on export_rows.build_id = builds.build_id
    where builds.state = 'acknowledged' and export_rows.operation = 'remove' and export_rows.reason = 'permission_ended'

),

-- what a recipient holds, or may hold, though nothing permits it any more
open as (

    select
        sent.seq as ledger_seq,
        sent.recipient,
        sent.segment,
        sent.person_id,
        sent.identifier_key,
        sent.identifier_kind,
        'open' as status,
        sent_standings.event_id as deciding_event_id,
        sent.build_id,
        cast(null as timestamp) as met_at,
    from sent
    left join sent_standings
        on sent.recipient = sent_standings.recipient
        and sent.segment = sent_standings.segment
        and sent.identifier_key = sent_standings.identifier_key
    anti join audience_identifiers
        on sent.recipient = audience_identifiers.recipient
        and sent.segment = audience_identifiers.segment
        and sent.identifier_key = audience_identifiers.identifier_key
    where not coalesce(sent_standings.is_permitted, false)

),

obligations as (

    select * from met
    union all
    select * from open

)

select * from obligations
