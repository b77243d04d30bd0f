{#- What the business clock shows at a moment: the open seconds before the interval plus those inside it.
    `interval` is the alias of the int_behaviour__opening_intervals row that an asof join found. -#}
{% macro business_seconds(moment, interval) -%}
    (
        {{ interval }}.open_seconds_before
        + date_diff('second', {{ interval }}.opens_at, least({{ moment }}, {{ interval }}.closes_at))
    )
{%- endmacro %}
