with purposes as (

    select * from {{ ref('purposes') }}

),

recipients as (

    select * from {{ ref('recipients') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}

),

-- what the gates ask for, and what anybody was ever permitted
candidates as (

    select
        purpose,
        cast(null as varchar) as channel,
        cast(null as varchar) as recipient,
    from purposes
    where kind = 'use'

    union

    select
        purpose,
        channel,
        permission_recipient as recipient,
    from recipients

    union

    select
        unnest(string_split(signal_purposes, ';')) as purpose,
        channel,
        permission_recipient as recipient,
    from recipients

    union

    select
        purpose,
        case when purpose_kind = 'channel' then channel end as channel,
        recipient,
    from kinds
    where effect = 'positive' and obstacle is null

),

numbered as (

    select
        row_number() over (order by candidates.purpose, candidates.channel nulls first, candidates.recipient nulls first)
            as combination_id,
        candidates.purpose,
        candidates.channel,
        candidates.recipient,
        purposes.part_of,
    from candidates
    left join purposes
        on candidates.purpose = purposes.purpose

)

select * from numbered
