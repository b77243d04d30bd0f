{#-
    Rule by rule, what is found about every key at moment T as known at moment K, with its evidence: the first rule that
    fires decides, and says the same as `permission_at`. R7 to R9 decide nothing themselves: which acts count, in which order.
    Args: permissions: a relation as `permission_at` of the same (T, K); moment and known: as `permission_at`.
-#}
{% macro explained_rules(permissions, moment, known) -%}
(
    with found as (

        select * from {{ rule_findings(permissions, moment, known) }}

    ),

    events as (

        select * from {{ ref('int_consent__ranked_events') }}

    ),

    asked as (

        select
            found.*,
            rules.* exclude (reason),
            found.deciding_rule_id = rules.rule_id as decides,
            coalesce(
                case rules.rule_id
                    when 'R1' then found.erased_at is not null
                    when 'R2' then found.is_invalidated
                    when 'R3' then found.is_restricted
                    when 'R4' then found.is_suppressed or found.deciding_rule_id = 'R4'
                    when 'R5' then found.is_childs_word
                    when 'R6' then found.act_rank is not null
                    when 'R7' then found.attempts > 0
                    when 'R8' then found.rival_rank is not null
                    when 'R9' then found.is_imprecise
                    when 'R10' then found.positive_holds and found.is_unconfirmed
                    when 'R11' then found.positive_holds and found.is_expired
                    when 'R12' then found.positive_holds and found.usable_state is null
                    when 'R13' then found.deciding_rule_id = 'R13'
                end,
                false
            ) as fires,
            case
                when decides and found.deciding_reason is not null then found.deciding_reason
                when rules.rule_id = 'R5' and found.is_guardian then 'came_of_age'
                when rules.rule_id = 'R6' and found.positive_holds then 'latest_act_grants'
                when rules.rule_id = 'R7' then found.attempt.obstacle
                when rules.rule_id = 'R11' then found.expiry_reason
                else rules.reason
            end as reason,
            case rules.rule_id
                when 'R2' then found.invalidation_rank
                when 'R3' then found.restriction_rank
                when 'R8' then found.rival_rank
                when 'R6' then found.act_rank
                when 'R9' then found.act_rank
                when 'R5' then found.positive_rank
                when 'R10' then found.positive_rank
                when 'R11' then found.positive_rank
                when 'R12' then found.positive_rank
            end as evidence_rank,
        from found
        cross join {{ ref('consent_rules') }} as rules

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
        case when asked.fires then
            case asked.rule_id
                when 'R1' then strftime(asked.erased_at, '%Y-%m-%d %H:%M')
                when 'R4' then coalesce(nullif(split_part(asked.reason, ':', 2), ''), asked.list_ids)
                when 'R5' then strftime(asked.comes_of_age_at, '%Y-%m-%d')
                when 'R7' then cast(asked.attempts as varchar)
                when 'R11' then strftime(asked.ends_at, '%Y-%m-%d %H:%M')
            end
        end as detail,
        if(asked.fires, coalesce(evidence.event_seq, if(asked.rule_id = 'R7', asked.attempt.event_seq, null)), null)
            as event_seq,
        if(asked.fires, coalesce(evidence.kind_id, if(asked.rule_id = 'R7', asked.attempt.kind_id, null)), null) as kind_id,
    from asked
    left join {{ ref('consent_reasons') }} as reasons on split_part(asked.reason, ':', 1) = reasons.reason
    left join events as evidence on asked.fires and asked.evidence_rank = evidence.event_rank
)
{%- endmacro %}
