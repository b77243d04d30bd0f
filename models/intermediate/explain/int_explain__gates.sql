{{ config(materialized='view') }}

with recipients as (

    select * from {{ ref('recipients') }}

),

persons as (

    select person_id from {{ ref('int_identity__persons') }}

),

recipient_people as (

    select * from {{ ref('recipient_people') }}

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}

),

person_permissions as (

    select * from {{ ref('int_consent__person_permissions') }}

),

denials as (

    select * from {{ ref('int_consent__denials') }}

),

links as (

    select * from {{ ref('int_identity__person_links') }}

),

-- through which event a person may go to a recipient
authorised as (

    select
        recipient,
        person_id,
        min_by(event_id, identifier_key) as event_id,
    from recipient_identifiers
    where is_permitted and is_usable and is_replaced is not true
    group by recipient, person_id

),

verdicts as (

    select
        persons.person_id,
        'exit' as gate,
        'verdict' as step,
        recipients.recipient,
        recipients.purpose,
        recipients.channel,
        cast(null as varchar) as identifier_key,
        authorised.person_id is not null as is_permitted,
        case
            when authorised.person_id is not null then 'R6'
            else coalesce(recipient_people.rule_id, 'R13')
        end as rule_id,
        case
            when authorised.person_id is not null then 'latest_act_grants'
            when recipient_people.person_id is null then 'no_identifier'
            when recipient_people.is_permitted then 'no_usable_identifier'
            else recipient_people.refusal_reason
        end as reason,
        if(authorised.person_id is not null, authorised.event_id, recipient_people.event_id) as event_id,
    from persons
    cross join recipients
    left join recipient_people
        on recipients.recipient = recipient_people.recipient and persons.person_id = recipient_people.person_id
    left join authorised
        on recipients.recipient = authorised.recipient and persons.person_id = authorised.person_id

),

-- a no of any identifier that is linked to the person, in force or to come
linked as (

    select
        links.person_id,
        'exit' as gate,
        'linked_no' as step,
        recipients.recipient,
        recipients.purpose,
        recipients.channel,
        denials.identifier_key,
        false as is_permitted,
        denials.rule_id,
        denials.reason,
        denials.winning_event_id as event_id,
    from denials
    inner join recipients
        on
            (
                denials.purpose = recipients.purpose
                or list_contains(string_split(recipients.signal_purposes, ';'), denials.purpose)
            )
            and denials.channel = recipients.channel
            and denials.recipient is not distinct from recipients.permission_recipient
    inner join links on denials.identifier_key = links.identifier_key

),

uses as (

    select
        person_id,
        'use' as gate,
        'verdict' as step,
        cast(null as varchar) as recipient,
        purpose,
        cast(null as varchar) as channel,
        cast(null as varchar) as identifier_key,
        is_permitted,
        rule_id,
        reason,
        winning_event_id as event_id,
    from person_permissions

),

unioned as (

    select * from verdicts
    union all
    select * from linked
    union all
    select * from uses

)

select * from unioned
