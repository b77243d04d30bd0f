{#-
    The newest grant in force in each stretch of time beside everything that could stop it, cut where it ends by itself.
    Args: boundaries, whole_key, events, kinds, notice_changes: relations as the models, events as int_consent__ranked_events.
-#}
{% macro winners(boundaries, whole_key, events, kinds, notice_changes) -%}
(
    with boundaries as (

        select * from {{ boundaries }}

    ),

    whole_key as (

        select * from {{ whole_key }}

    ),

    events as (

        select * from {{ events }}

    ),

    kinds as (

        select * from {{ kinds }}

    ),

    notice_changes as (

        select * from {{ notice_changes }}

    ),

    -- the newest grant in force from each moment on, beside everything that could stop it
    joined as (

        select
            boundaries.* exclude (negative_until, restricted_until, lifted_from),
            events.earliest_at,
            events.starts_at,
            kinds.actor = 'guardian' as is_guardian,
            kinds.requires_double_opt_in,
            case when kinds.basis = 'consent' then kinds.asserted_state else kinds.basis_state end as usable_state,
            least(events.expires_at, notice_changes.ends_at) as expires_at,
            case
                when notice_changes.ends_at < coalesce(events.expires_at, {{ end_of_time() }}) then 'notice_changed'
                else events.expiry_reason
            end as expiry_reason,
            events.event_rank is not null and coalesce(boundaries.negative_until < events.decides_at, true) as positive_holds,
            restriction_rank is not null and coalesce(lifted_from <= restricted_until, true) as is_restricted,
            coalesce(whole_key.is_erased, false) as is_erased,
            coalesce(events.decides_at <= whole_key.invalid_until, false) as is_invalidated,
            whole_key.invalidation_rank,
            whole_key.comes_of_age_at,
        from boundaries
        left join whole_key
            on boundaries.key_number = whole_key.key_number and boundaries.known_from = whole_key.known_from
        left join events
            on boundaries.positive_rank = events.event_rank
        left join kinds
            on events.kind_id = kinds.kind_id
        left join notice_changes
            on
                kinds.notice_id = notice_changes.notice_id
                and kinds.notice_version = notice_changes.notice_version
                and kinds.notice_locale = notice_changes.notice_locale
                and notice_changes.known_from <= boundaries.known_from
                and boundaries.known_from < notice_changes.known_to

    ),

    -- a grant that ends by itself before anything else happens makes two stretches of one
    cut as (

        select
            * exclude (valid_from, valid_to),
            unnest(
                case
                    when positive_holds and valid_from < expires_at and expires_at < valid_to then [valid_from, expires_at]
                    else [valid_from]
                end
            ) as valid_from,
        from joined

    )

    select * from cut
)
{%- endmacro %}
