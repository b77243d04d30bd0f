with

held as (

    select * from {{ source('ledger', 'sent_identifiers') }}
    union all
    select * from {{ source('ledger', 'unsettled_identifiers') }}

),

builds as (

    select build_id, requested_at, from {{ source('ledger', 'export_build_states') }}

),

refusal_moments as (

    select * from {{ ref('refusal_moments') }}

),

notices_due as (

    select * from {{ ref('notices_due') }}

),

deadlines as (

    select * from {{ ref('obligation_deadlines') }}

),

-- whose it was when it was sent last
sent as (

    select
        held.recipient,
        held.segment,
        held.identifier_key,
        max_by(held.person_id, held.seq) as person_id,
        max_by(held.identifier_kind, held.seq) as identifier_kind,
        max(builds.requested_at) as requested_at,
        max(held.seq) as export_seq,
    from held
    inner join builds on held.build_id = builds.build_id
    group by held.recipient, held.segment, held.identifier_key

),

-- a no on a linked identifier that was known before the last add: what is new is the link, and that is known from tonight
due as (

    select
        'remove' as duty,
        refusal_moments.recipient,
        refusal_moments.segment,
        sent.person_id,
        refusal_moments.identifier_key,
        sent.identifier_kind,
        refusal_moments.purpose,
        refusal_moments.cause,
        refusal_moments.deciding_event_id,
        refusal_moments.caused_at,
        case
            when not refusal_moments.is_through_link or sent.requested_at < refusal_moments.known_at
                then refusal_moments.known_at
        end as known_at,
        sent.export_seq,
    from refusal_moments
    inner join sent
        on refusal_moments.recipient = sent.recipient
        and refusal_moments.segment = sent.segment
        and refusal_moments.identifier_key = sent.identifier_key

    union all by name

    select 'notify' as duty, *, from notices_due

),

dated as (

    select
        due.*,
        coalesce(deadlines.due_hours, 0) as due_hours,
    from due
    left join deadlines
        on due.duty = deadlines.duty
        and deadlines.cause in (due.cause, '*')
        and deadlines.recipient in (due.recipient, '*')
    qualify row_number() over (
        partition by due.duty, due.recipient, due.segment, due.identifier_key, due.cause, due.deciding_event_id
        order by deadlines.cause = '*', deadlines.recipient = '*'
    ) = 1

)

select * from dated
