{{ config(materialized='view') }}

with gates as (

    select * from {{ ref('int_explain__gates') }}

),

rules as (

    select * from {{ ref('int_explain__rules') }}

),

recipient_identifiers as (

    select * from {{ ref('recipient_identifiers') }}

),

recipients as (

    select * from {{ ref('recipients') }}

),

events as (

    select * from {{ ref('stg_consent__events') }}

),

kinds as (

    select * from {{ ref('int_consent__event_kinds') }}

),

reasons as (

    select * from {{ ref('consent_reasons') }}

),

-- the gate's answer, and by its number the event that it rests on
answered as (

    select
        gates.* exclude (event_id),
        true as decides,
        reasons.says as statement,
        cast(null as varchar) as detail,
        events.seq as event_seq,
        kinds.kind_id,
    from gates
    left join reasons on split_part(gates.reason, ':', 1) = reasons.reason
    left join events on gates.event_id = events.event_id
    left join kinds on {{ same_kind('events', 'kinds') }}

),

-- what each of the person's identifiers that the recipient takes has to say: the rules that fire
found as (

    select
        recipient_identifiers.person_id,
        'exit' as gate,
        'rule' as step,
        recipients.recipient,
        recipients.purpose,
        recipients.channel,
        rules.identifier_key,
        rules.is_permitted,
        rules.rule_id,
        rules.reason,
        rules.decides,
        rules.statement,
        rules.detail,
        rules.event_seq,
        rules.kind_id,
    from rules
    inner join recipients
        on
            rules.purpose = recipients.purpose
            and rules.channel = recipients.channel
            and rules.recipient is not distinct from recipients.permission_recipient
    inner join recipient_identifiers
        on
            rules.identifier_key = recipient_identifiers.identifier_key
            and recipients.recipient = recipient_identifiers.recipient

),

unioned as (

    select * from answered
    union all by name
    select * from found

)

select * from unioned
