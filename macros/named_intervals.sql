{#-
    Stored decisions with names for numbers.
    Args: spans: relation as int_consent__spans; events, identifiers, ledger: relations as int_consent__ranked_events,
    int_consent__identifiers and stg_consent__events with at least the rows that `spans` names.
-#}
{% macro named_intervals(spans, events, identifiers, ledger) -%}
(
    with spans as (

        select * from {{ spans }}

    ),

    events as (

        select * from {{ events }}

    ),

    identifiers as (

        select * from {{ identifiers }}

    ),

    combinations as (

        select * from {{ ref('int_consent__combinations') }}

    ),

    ledger as (

        select
            seq,
            event_id,
        from {{ ledger }}

    ),

    kinds as (

        select * from {{ ref('int_consent__event_kinds') }}

    ),

    named as (

        select
            identifiers.identifier_key,
            identifiers.identifier_kind,
            combinations.purpose,
            combinations.channel,
            combinations.recipient,
            identifiers.controller,
            case
                when spans.rule_id = 'R1' then 'erased'
                when spans.rule_id = 'R2' then 'invalidated'
                when spans.rule_id = 'R3' then 'restricted'
                when spans.rule_id = 'R4' then 'suppressed'
                when spans.rule_id in ('R5', 'R10') then 'pending'
                when spans.rule_id = 'R11' and spans.expiry_reason = 'unused' then 'lapsed'
                when spans.rule_id = 'R11' then 'expired'
                when spans.rule_id = 'R12' then 'wrong_basis'
                when spans.rule_id = 'R6' and spans.is_permitted and kinds.basis <> 'consent' then kinds.basis_state
                when spans.rule_id = 'R6' then kinds.asserted_state
                else 'unknown'
            end as state,
            spans.is_permitted,
            spans.rule_id,
            case
                when spans.rule_id = 'R1' then 'tombstone'
                when spans.rule_id = 'R2' then 'grant_invalid'
                when spans.rule_id = 'R3' then 'art_18'
                when spans.rule_id = 'R4' then 'on_list'
                when spans.rule_id = 'R5' and kinds.actor = 'guardian' then 'came_of_age'
                when spans.rule_id = 'R5' then 'child_without_guardian'
                when spans.rule_id = 'R10' then 'not_confirmed'
                when spans.rule_id = 'R11' then spans.expiry_reason
                when spans.rule_id = 'R12' then 'basis_not_allowed'
                when spans.is_permitted then 'latest_act_grants'
                when spans.rule_id = 'R6' then 'latest_act_denies'
                else 'silence'
            end as reason,
            ledger.event_id as winning_event_id,
            spans.holds_negative,
            spans.expires_at,
            spans.valid_from,
            spans.valid_to,
            spans.known_from,
            spans.known_to,
            identifiers.identifier_number,
            spans.key_number,
            ledger.seq as winning_seq,
        from spans
        inner join identifiers
            on spans.key_number // {{ combinations_per_identifier() }} = identifiers.identifier_number
        inner join combinations
            on spans.key_number % {{ combinations_per_identifier() }} = combinations.combination_id
        left join events
            on spans.winning_rank = events.event_rank
        left join ledger
            on events.event_seq = ledger.seq
        left join kinds
            on events.kind_id = kinds.kind_id

    )

    select * from named
)
{%- endmacro %}
