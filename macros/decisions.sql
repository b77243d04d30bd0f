{#-
    The decision of each stretch of time: the first rule that fires, and what it says.
    Args: rulings: a relation as `int_consent__rulings`.
-#}
{% macro decisions(rulings) -%}
(
    with rulings as (

        select * from {{ rulings }}

    ),

    stated as (

        select
            key_number,
            known_from,
            known_to,
            valid_from,
            rule_id,
            rule_id = 'R6' and positive_holds as is_permitted,
            case
                when rule_id = 'R2' then invalidation_rank
                when rule_id = 'R3' then restriction_rank
                when rule_id in ('R5', 'R10', 'R11', 'R12') then positive_rank
                when rule_id = 'R6' and positive_holds then positive_rank
                when rule_id = 'R6' then negative_rank
            end as winning_rank,
            case when rule_id in ('R6', 'R11') and positive_holds then expires_at end as expires_at,
            case when rule_id = 'R11' then expiry_reason end as expiry_reason,
            holds_negative,
        from rulings

    )

    select * from stated
)
{%- endmacro %}
