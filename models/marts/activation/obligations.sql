{{ config(tags=['after_export']) }}

with

states as (

    select * from {{ source('ledger', 'obligation_states') }}

),

export_rows as (

    select * from {{ source('ledger', 'export_rows') }}
    where operation = 'add'

),

builds as (

    select build_id, from {{ source('ledger', 'export_build_states') }}
    where state <> 'aborted'

),

-- what left between the end of the permission and the run that found it: what a late no finds
sent_while_denied as (

    select
        states.obligation_id,
        count(*) as adds,
        list(distinct export_rows.build_id order by export_rows.build_id) as build_ids,
    from states
    inner join export_rows
        on states.recipient = export_rows.recipient
        and states.identifier_key = export_rows.identifier_key
        and coalesce(states.segment, export_rows.segment) = export_rows.segment
        and states.caused_at <= export_rows.as_of
        and export_rows.seq <= states.export_seq
    inner join builds on export_rows.build_id = builds.build_id
    where states.cause <> 'expires_before_next_run'
    group by states.obligation_id

),

obligations as (

    select
        states.obligation_id,
        states.seq as ledger_seq,
        states.duty,
        states.recipient,
        states.segment,
        states.person_id,
        states.identifier_key,
        states.identifier_kind,
        states.purpose,
        states.cause,
        states.deciding_event_id,
        case
            when states.met_at is not null then 'met'
            when {{ as_of() }} < states.due_at then 'open'
            else 'overdue'
        end as status,
        coalesce(states.met_at <= states.due_at, {{ as_of() }} < states.due_at) as is_in_time,
        case
            when {{ beginning_of_time() }} < states.caused_at
                then greatest(date_diff('day', states.caused_at, states.known_at), 0)
        end as late_days,
        coalesce(sent_while_denied.adds, 0) as sent_while_denied,
        coalesce(sent_while_denied.build_ids, []) as builds_while_denied,
        states.build_id,
        states.acknowledged_by is not null as is_acknowledged_by_hand,
        nullif(states.caused_at, {{ beginning_of_time() }}) as caused_at,
        states.known_at,
        states.opened_at,
        states.due_at,
        states.met_at,
    from states
    left join sent_while_denied on states.obligation_id = sent_while_denied.obligation_id

)

select * from obligations
