with boundaries as (

    select * from {{ ref('int_consent__boundaries') }}

),

key_wide as (

    select * from {{ ref('int_consent__key_wide') }}

),

events as (

    select * from {{ ref('int_consent__ranked_events') }}

),

-- the acts in force from each moment on, with the questions the rules ask of them
weighed as (

    select
        boundaries.key_number,
        boundaries.known_from,
        boundaries.known_to,
        boundaries.valid_from,
        positives.event_id as positive_event_id,
        positives.usable_state,
        positives.asserted_state as positive_state,
        least(positives.expires_at, noticed.ends_at) as expires_at,
        case when noticed.ends_at < coalesce(positives.expires_at, {{ end_of_time() }}) then 'notice_changed' else positives.expiry_reason end
            as expiry_reason,
        negatives.event_id as negative_event_id,
        negatives.asserted_state as negative_state,
        restrictions.event_id as restriction_event_id,
        invalidations.event_id as invalidation_event_id,
        coalesce(key_wide.is_erased, false) as is_erased,
        coalesce(positives.decides_at <= key_wide.invalid_until, false) as is_invalidated,
        boundaries.restriction_rank is not null
            and coalesce(boundaries.lifted_from <= boundaries.restricted_until, true) as is_restricted,
        coalesce(boundaries.valid_from < boundaries.suppressed_until, false) as is_suppressed,
        coalesce(
            positives.event_id is not null
            and (boundaries.negative_rank is null or boundaries.negative_until < positives.decides_at),
            false
        ) as positive_holds,
        coalesce(
            case
                when positives.actor = 'guardian' then key_wide.comes_of_age_at <= boundaries.valid_from
                else positives.earliest_at < key_wide.comes_of_age_at
            end,
            false
        ) as is_childs_word,
        positives.actor as positive_actor,
        positives.requires_double_opt_in
            and coalesce(boundaries.confirmed_at < positives.starts_at, true) as is_unconfirmed,
        coalesce(least(positives.expires_at, noticed.ends_at) <= boundaries.valid_from, false) as is_expired,
    from boundaries
    left join key_wide
        on boundaries.key_number = key_wide.key_number and boundaries.known_from = key_wide.known_from
    left join events as positives
        on boundaries.positive_rank = positives.event_rank
    left join events as negatives
        on boundaries.negative_rank = negatives.event_rank
    left join events as restrictions
        on boundaries.restriction_rank = restrictions.event_rank
    left join events as invalidations
        on key_wide.invalidation_rank = invalidations.event_rank
    left join lateral (
        select list_min(
            list_transform(
                list_filter(positives.notice_changes, lambda change: change.known_from <= boundaries.known_from),
                lambda change: change.ends_at
            )
        ) as ends_at
    ) as noticed
        on true

),

-- the first rule that fires decides; a permission is only ever an explicit `when`
ruled as (

    select
        *,
        case
            when is_erased then 'R1'
            when is_invalidated then 'R2'
            when is_restricted then 'R3'
            when is_suppressed then 'R4'
            when positive_holds and is_childs_word then 'R5'
            when positive_holds and is_unconfirmed then 'R10'
            when positive_holds and is_expired then 'R11'
            when positive_holds and usable_state is null then 'R12'
            when positive_holds then 'R6'
            when negative_event_id is not null then 'R6'
            else 'R13'
        end as rule_id,
    from weighed

)

select * from ruled
