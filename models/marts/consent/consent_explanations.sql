with gates as (

    select * from {{ ref('int_explain__gates') }}

),

rules as (

    select * from {{ with_evidence(ref('int_explain__rules')) }}

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

notices as (

    select * from {{ ref('stg_consent__notices') }}

),

reasons as (

    select * from {{ ref('consent_reasons') }}

),

-- the gate's answer, with the event that it rests on
answered as (

    select
        gates.*,
        gates.rule_id as decided_by,
        reasons.says as statement,
        cast(null as varchar) as detail,
        events.source,
        kinds.actor,
        events.action,
        events.occurred_at,
        events.occurred_precision,
        events.loaded_at,
        events.notice_id,
        events.notice_version,
        events.notice_locale,
        notices.text_sha256 as notice_sha256,
        kinds.source_may_raise and kinds.actor in ('subject', 'guardian') as may_raise,
        kinds.obstacle,
    from gates
    left join reasons on split_part(gates.reason, ':', 1) = reasons.reason
    left join events on gates.event_id = events.event_id
    left join kinds on {{ same_kind('events', 'kinds') }}
    left join notices
        on
            events.notice_id = notices.notice_id
            and events.notice_version = notices.notice_version
            and events.notice_locale = notices.notice_locale

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
        rules.event_id,
        if(rules.decides, rules.rule_id, null) as decided_by,
        rules.statement,
        rules.detail,
        rules.source,
        rules.actor,
        rules.action,
        rules.occurred_at,
        rules.occurred_precision,
        rules.loaded_at,
        rules.notice_id,
        rules.notice_version,
        rules.notice_locale,
        rules.notice_sha256,
        rules.may_raise,
        rules.obstacle,
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
    union all
    select * from found

),

-- read from top to bottom: per recipient or purpose of use the verdict, the rules per identifier, the noes of linked ones
ordered as (

    select
        person_id,
        gate,
        recipient,
        purpose,
        channel,
        row_number() over (
            partition by person_id, gate, recipient, purpose
            order by
                case step when 'verdict' then 0 when 'rule' then 1 else 2 end,
                identifier_key, decided_by is null, cast(substr(rule_id, 2) as integer), reason, event_id
        ) as step_number,
        step,
        identifier_key,
        is_permitted,
        rule_id,
        decided_by is not null as decides,
        reason,
        statement,
        detail,
        event_id,
        source,
        actor,
        action,
        may_raise,
        obstacle,
        notice_id,
        notice_version,
        notice_locale,
        notice_sha256,
        occurred_precision,
        occurred_at,
        loaded_at,
    from unioned

)

select * from ordered
