{#-
    What each rule finds in each stretch of time, and the first that fires.
    Args: winners: a relation as `int_consent__winners`.
-#}
{% macro rulings(winners) -%}
(
    with winners as (

        select * from {{ winners }}

    ),

    -- the questions the rules ask of each stretch of time
    questioned as (

        select
            *,
            coalesce(valid_from < suppressed_until, false) as is_suppressed,
            positive_holds and coalesce(
                case when is_guardian then comes_of_age_at <= valid_from else earliest_at < comes_of_age_at end,
                false
            ) as is_childs_word,
            requires_double_opt_in and coalesce(confirmed_at < starts_at, true) as is_unconfirmed,
            coalesce(expires_at <= valid_from, false) as is_expired,
        from winners

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
                when is_childs_word then 'R5'
                when positive_holds and is_unconfirmed then 'R10'
                when positive_holds and is_expired then 'R11'
                when positive_holds and usable_state is null then 'R12'
                when positive_holds then 'R6'
                when negative_rank is not null then 'R6'
                else 'R13'
            end as rule_id,
            -- what a link to another identifier carries along, whatever rule decides here
            is_erased or is_restricted or is_childs_word or (not positive_holds and negative_rank is not null) as holds_negative,
        from questioned

    )

    select * from ruled
)
{%- endmacro %}
