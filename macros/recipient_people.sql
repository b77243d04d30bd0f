{#-
    One answer per person and recipient, out of those of the person's identifiers.
    Args:
        recipient_identifiers: a relation as the model of that name.
        is_dated: whether it tells in `ends_at` which permissions end before the next run; then so does `is_lasting`.
-#}
{% macro recipient_people(recipient_identifiers, is_dated=false) -%}
(
    with

    recipient_identifiers as (

        select * from {{ recipient_identifiers }}

    ),

    -- one answer per person: permitted through some identifier, else suppressed, else not permitted; an explicit no before silence
    summed as (

        select
            recipient,
            person_id,
            bool_or(is_permitted) as is_permitted,
            bool_or(is_suppressed) as is_suppressed,
            bool_or(is_permitted and is_usable and is_replaced is not true) as is_addressable,
            {%- if is_dated %}
            bool_or(is_permitted and is_usable and is_replaced is not true and ends_at is null) as is_lasting,
            {%- endif %}
            min_by(
                {rule_id: rule_id, reason: reason, event_id: event_id},
                {weight: case when is_suppressed then 0 when rule_id = 'R13' then 2 else 1 end, rule_id: rule_id, identifier_key: identifier_key}
            ) filter (not is_permitted) as refusal,
        from recipient_identifiers
        group by recipient, person_id

    )

    select
        recipient,
        person_id,
        is_permitted,
        is_suppressed and not is_permitted as is_suppressed,
        is_addressable,
        refusal.rule_id as rule_id,
        refusal.reason as refusal_reason,
        refusal.event_id as event_id,
        {%- if is_dated %}
        coalesce(is_lasting, false) as is_lasting,
        {%- endif %}
    from summed
)
{%- endmacro %}
