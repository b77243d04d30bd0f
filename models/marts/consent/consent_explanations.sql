with steps as (

    select * from {{ with_evidence(ref('int_explain__steps')) }}

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
                identifier_key, not decides, cast(substr(rule_id, 2) as integer), reason, event_id
        ) as step_number,
        step,
        identifier_key,
        is_permitted,
        rule_id,
        decides,
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
    from steps

)

select * from ordered
