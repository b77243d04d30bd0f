{#- What the business clock shows at a moment: the open seconds before the interval plus those inside it; null for no moment.
    `interval` is the alias of the int_behaviour__opening_intervals row that an asof join found. An asof join finds one for a
    null too, and `least` passes over nulls: without the test an unanswered question would have been answered at closing time. -#}
{% macro business_seconds(moment, interval) -%}
    if(
        {{ moment }} is null,
        null,
        {{ interval }}.open_seconds_before
        + date_diff('second', {{ interval }}.opens_at, least({{ moment }}, {{ interval }}.closes_at))
    )
{%- endmacro %}
