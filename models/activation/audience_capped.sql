with

contenders as (

    select * from {{ ref('audience_contenders') }}

),

-- who is in the recipient's audience already does not come in tonight
newcomers as (

    select * from contenders
    where not is_outranked and not is_held

),

export_rows as (

    select * from {{ source('ledger', 'export_rows') }}
    where operation = 'add'

),

builds as (

    select build_id, from {{ source('ledger', 'export_build_states') }}
    where state in ('requested', 'acknowledged')

),

person_identifiers as (

    select * from {{ ref('int_identity__person_identifiers') }}

),

-- whom the recipient was sent lately, and for which audience; as far back as the longest cap looks
sent as (

    select export_rows.recipient, export_rows.segment, person_identifiers.person_id, max(export_rows.as_of) as last_sent_at,
    from export_rows
    inner join builds on export_rows.build_id = builds.build_id
    inner join person_identifiers on export_rows.identifier_key = person_identifiers.identifier_key
    where
        export_rows.as_of <= {{ as_of() }}
        and export_rows.as_of > {{ as_of() }} - to_days((select max(cap_days) from contenders))
    group by export_rows.recipient, export_rows.segment, person_identifiers.person_id

),

-- how many audiences may have been entered before this one: the cap less other audiences of its days
allowed as (

    select
        newcomers.recipient,
        newcomers.person_id,
        newcomers.segment,
        newcomers.priority,
        newcomers.cap_count,
        newcomers.cap_count - count(sent.segment) as allowance,
    from newcomers
    left join sent
        on newcomers.recipient = sent.recipient
        and newcomers.person_id = sent.person_id
        and newcomers.segment <> sent.segment
        and sent.last_sent_at > {{ as_of() }} - to_days(newcomers.cap_days)
    group by
        newcomers.recipient, newcomers.person_id, newcomers.segment, newcomers.priority, newcomers.cap_count

),

-- tonight's audiences of a person in turn, those without a cap first: each enters while its allowance lasts
entered as (

    select
        recipient,
        person_id,
        list_reduce(
            list(
                {segments: [segment], allowance: allowance}
                order by cap_count is not null, priority desc, segment
            ),
            lambda entered, next: if(
                next.allowance is null or len(entered.segments) < next.allowance,
                {segments: list_concat(entered.segments, next.segments), allowance: null},
                entered
            ),
            {segments: [], allowance: null}
        ).segments as segments,
    from allowed
    group by recipient, person_id

),

capped as (

    select newcomers.recipient, newcomers.segment, newcomers.person_id,
    from newcomers
    inner join entered on newcomers.recipient = entered.recipient and newcomers.person_id = entered.person_id
    where not list_contains(entered.segments, newcomers.segment)

)

select * from capped
