with decisions as (

    select * from {{ ref('int_consent__decisions') }}

),

keys as (

    select * from {{ ref('int_consent__keys') }}

),

stated as (

    select
        key_number,
        known_from,
        known_to,
        valid_from,
        rule_id,
        case
            when rule_id = 'R1' then 'erased'
            when rule_id = 'R2' then 'invalidated'
            when rule_id = 'R3' then 'restricted'
            when rule_id = 'R4' then 'suppressed'
            when rule_id in ('R5', 'R10') then 'pending'
            when rule_id = 'R11' and expiry_reason = 'unused' then 'lapsed'
            when rule_id = 'R11' then 'expired'
            when rule_id = 'R12' then 'wrong_basis'
            when rule_id = 'R6' and positive_holds then usable_state
            when rule_id = 'R6' then negative_state
            else 'unknown'
        end as state,
        case
            when rule_id = 'R1' then 'tombstone'
            when rule_id = 'R2' then 'grant_invalid'
            when rule_id = 'R3' then 'art_18'
            when rule_id = 'R4' then 'on_list'
            when rule_id = 'R5' and positive_actor = 'guardian' then 'came_of_age'
            when rule_id = 'R5' then 'child_without_guardian'
            when rule_id = 'R10' then 'not_confirmed'
            when rule_id = 'R11' then expiry_reason
            when rule_id = 'R12' then 'basis_not_allowed'
            when rule_id = 'R6' and positive_holds then 'latest_act_grants'
            when rule_id = 'R6' then 'latest_act_denies'
            else 'silence'
        end as reason,
        case
            when rule_id = 'R2' then invalidation_event_id
            when rule_id = 'R3' then restriction_event_id
            when rule_id in ('R5', 'R10', 'R11', 'R12') then positive_event_id
            when rule_id = 'R6' and positive_holds then positive_event_id
            when rule_id = 'R6' then negative_event_id
        end as winning_event_id,
        case when positive_holds and rule_id in ('R6', 'R11') then expires_at end as expires_at,
        -- what a link to another identifier carries along, whatever rule decides here
        is_erased
            or is_restricted
            or (positive_holds and is_childs_word)
            or (not positive_holds and negative_event_id is not null) as holds_negative,
    from decisions

),

-- neighbours that say the same are one interval
changed as (

    select
        *,
        coalesce(
            row(state, rule_id, reason, winning_event_id, expires_at, holds_negative)
            is not distinct from lag(row(state, rule_id, reason, winning_event_id, expires_at, holds_negative)) over history,
            false
        ) as is_repeated,
    from stated
    window history as (partition by key_number, known_from order by valid_from)

),

merged as (

    select
        * exclude (is_repeated),
        lead(valid_from, 1, {{ end_of_time() }}) over (
            partition by key_number, known_from order by valid_from
        ) as valid_to,
    from changed
    where not is_repeated

),

named as (

    select
        keys.identifier_key,
        keys.identifier_kind,
        keys.purpose,
        keys.channel,
        keys.recipient,
        keys.controller,
        merged.state,
        coalesce(merged.state in ('given', 'renewed', 'soft_opt_in', 'legitimate_interest'), false) as is_permitted,
        merged.rule_id,
        merged.reason,
        merged.winning_event_id,
        merged.holds_negative,
        merged.expires_at,
        merged.valid_from,
        merged.valid_to,
        merged.known_from,
        merged.known_to,
    from merged
    inner join keys
        on merged.key_number = keys.key_number

)

select * from named
