{#-
    Rule by rule, what is found about every key at moment T as known at moment K, with its evidence: the first rule that
    fires decides, and says the same as `permission_at`. R7 to R9 decide nothing themselves: which acts count, in which order.
    Args: permissions: a relation as `permission_at` of the same (T, K); moment and known: as `permission_at`;
    is_complete: also the rules that do not fire.
-#}
{% macro explained_rules(permissions, moment, known, is_complete=true) -%}
(
    with found as (

        select * from {{ rule_findings(permissions, moment, known) }}

    ),

    rules as (

        select * from {{ ref('consent_rules') }}

    ),

    numbered as (

        select
            *,
            {% if is_complete -%} unnest(range(1, 14)) {%- else -%} unnest(firing) {%- endif %} as rule_number,
        from found

    ),

    asked as (

        select
            numbered.* exclude (firing),
            rules.rule_id,
            rules.title,
            rules.says_not,
            list_contains(numbered.firing, numbered.rule_number) as fires,
            numbered.deciding_rule_id = rules.rule_id as decides,
            case
                when decides and numbered.deciding_reason is not null then numbered.deciding_reason
                when rules.rule_id = 'R5' and numbered.is_guardian then 'came_of_age'
                when rules.rule_id = 'R6' and numbered.positive_holds then 'latest_act_grants'
                when rules.rule_id = 'R7' then numbered.attempt.obstacle
                when rules.rule_id = 'R11' then numbered.expiry_reason
                else rules.reason
            end as reason,
            case
                when not fires then null
                when rules.rule_id = 'R2' then numbered.invalidation_rank
                when rules.rule_id = 'R3' then numbered.restriction_rank
                when rules.rule_id in ('R6', 'R9') then numbered.act_rank
                when rules.rule_id = 'R8' then numbered.rival_rank
                when rules.rule_id in ('R5', 'R10', 'R11', 'R12') then numbered.positive_rank
            end as evidence_rank,
            if(fires and rules.rule_id = 'R7', numbered.attempt, null) as ignored,
        from numbered
        inner join rules on numbered.rule_number = rules.rule_number

    )

    select
        asked.key_number,
        asked.identifier_key,
        asked.identifier_kind,
        asked.controller,
        asked.purpose,
        asked.channel,
        asked.recipient,
        asked.state,
        asked.is_permitted,
        asked.expires_at,
        asked.rule_number,
        asked.rule_id,
        asked.title,
        asked.fires,
        asked.decides,
        if(asked.fires, asked.reason, null) as reason,
        if(asked.fires, reasons.says, asked.says_not) as statement,
        case
            when not asked.fires then null
            when asked.rule_id = 'R1' then strftime(asked.erased_at, '%Y-%m-%d %H:%M')
            when asked.rule_id = 'R4' then coalesce(nullif(split_part(asked.reason, ':', 2), ''), asked.list_ids)
            when asked.rule_id = 'R5' then strftime(asked.comes_of_age_at, '%Y-%m-%d')
            when asked.rule_id = 'R7' then cast(asked.attempts as varchar)
            when asked.rule_id = 'R11' then strftime(asked.ends_at, '%Y-%m-%d %H:%M')
        end as detail,
        coalesce(events.event_seq, asked.ignored.event_seq) as event_seq,
        coalesce(events.kind_id, asked.ignored.kind_id) as kind_id,
    from asked
    left join {{ ref('consent_reasons') }} as reasons on split_part(asked.reason, ':', 1) = reasons.reason
    left join {{ ref('int_consent__ranked_events') }} as events on asked.evidence_rank = events.event_rank
)
{%- endmacro %}
