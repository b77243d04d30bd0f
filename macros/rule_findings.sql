{#-
    What is found about every key at moment T as known at moment K: what the rules see, and what else an auditor asks for.
    Args: as `explained_rules`.
-#}
{% macro rule_findings(permissions, moment, known) -%}
(
    with keys as (

        select
            identifiers.identifier_number * {{ combinations_per_identifier() }} + combinations.combination_id as key_number,
            identifiers.identifier_key,
            identifiers.identifier_kind,
            identifiers.controller,
            combinations.purpose,
            combinations.channel,
            combinations.recipient,
        from {{ ref('int_consent__identifiers') }} as identifiers
        cross join {{ ref('int_consent__combinations') }} as combinations

    ),

    ruled as (

        select * from {{ ref('int_consent__rulings') }}
        where known_from <= {{ known }} and {{ known }} < known_to and valid_from <= {{ moment }}
        qualify row_number() over (partition by key_number, known_from order by valid_from desc) = 1

    ),

    tombstones as (

        select identifier_key, min(erased_at) as erased_at
        from {{ ref('stg_consent__tombstones') }}
        where erased_at <= {{ known }}
        group by identifier_key

    ),

    listings as (

        select identifier_key, channel, string_agg(list_id, ', ' order by list_id) as list_ids
        from {{ ref('int_consent__suppressions') }}
        where begins_at <= {{ moment }} and {{ moment }} < ends_at and known_from <= {{ known }} and {{ known }} < known_to
        group by identifier_key, channel

    ),

    attempts as (

        select
            key_number,
            count(*) as attempts,
            max_by(
                {event_seq: event_seq, kind_id: kind_id, obstacle: obstacle}, {occurred_at: occurred_at, event_seq: event_seq}
            ) as latest,
        from {{ ref('int_explain__attempts') }}
        where occurred_at <= {{ moment }} and loaded_at <= {{ known }}
        group by key_number

    ),

    acts as (

        select * from {{ ref('int_consent__acts') }}
        where effect in ('positive', 'negative') and starts_at <= {{ moment }} and known_from <= {{ known }}

    ),

    -- R8: another act at the very moment of the one that decides
    rivals as (

        select ruled.key_number, max(others.event_rank) as rival_rank
        from ruled
        inner join acts as deciding
            on
                ruled.key_number = deciding.key_number
                and case when ruled.positive_holds then ruled.positive_rank else ruled.negative_rank end = deciding.event_rank
        inner join acts as others
            on
                deciding.key_number = others.key_number
                and deciding.event_rank <> others.event_rank
                and deciding.decides_at = others.decides_at
                and (deciding.effect <> others.effect or deciding.starts_at = others.starts_at)
        group by ruled.key_number

    ),

    gathered as (

        select
            keys.*,
            coalesce(permissions.state, if(tombstones.erased_at is null, 'unknown', 'erased')) as state,
            coalesce(permissions.is_permitted, false) as is_permitted,
            coalesce(permissions.rule_id, if(tombstones.erased_at is null, 'R13', 'R1')) as deciding_rule_id,
            permissions.reason as deciding_reason,
            permissions.expires_at,
            ruled.* exclude (key_number, known_from, known_to, valid_from, expires_at, rule_id, holds_negative),
            coalesce(permissions.expires_at, ruled.expires_at) as ends_at,
            tombstones.erased_at,
            listings.list_ids,
            attempts.attempts,
            attempts.latest as attempt,
            rivals.rival_rank,
            case when ruled.positive_holds then ruled.positive_rank else ruled.negative_rank end as act_rank,
        from keys
        left join ruled on keys.key_number = ruled.key_number
        left join {{ permissions }} as permissions
            on
                keys.identifier_key = permissions.identifier_key
                and keys.controller = permissions.controller
                and keys.purpose = permissions.purpose
                and keys.channel is not distinct from permissions.channel
                and keys.recipient is not distinct from permissions.recipient
        left join tombstones on keys.identifier_key = tombstones.identifier_key
        left join listings on keys.identifier_key = listings.identifier_key and keys.channel = listings.channel
        left join attempts on keys.key_number = attempts.key_number
        left join rivals on keys.key_number = rivals.key_number

    ),

    -- every rule that fires, by number; R9: the moment of the act that counts is not known exactly
    found as (

        select
            gathered.*,
            list_filter(
                [
                    if(erased_at is not null, 1, null),
                    if(is_invalidated, 2, null),
                    if(is_restricted, 3, null),
                    if(is_suppressed or deciding_rule_id = 'R4', 4, null),
                    if(is_childs_word, 5, null),
                    if(act_rank is not null, 6, null),
                    if(attempts > 0, 7, null),
                    if(rival_rank is not null, 8, null),
                    if(kinds.occurred_precision <> 'exact', 9, null),
                    if(positive_holds and is_unconfirmed, 10, null),
                    if(positive_holds and (is_expired or deciding_rule_id = 'R11'), 11, null),
                    if(positive_holds and usable_state is null, 12, null),
                    if(deciding_rule_id = 'R13', 13, null),
                ],
                lambda number: number is not null
            ) as firing,
        from gathered
        left join {{ ref('int_consent__ranked_events') }} as acted on gathered.act_rank = acted.event_rank
        left join {{ ref('int_consent__event_kinds') }} as kinds on acted.kind_id = kinds.kind_id

    )

    select * from found
)
{%- endmacro %}
