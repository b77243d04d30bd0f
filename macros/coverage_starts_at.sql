{#- First moment of the days that consent_coverage tells of. -#}
{% macro coverage_starts_at() -%}
    (date_trunc('day', {{ as_of() }}) - to_days({{ var('consent_coverage_days') - 1 }}))
{%- endmacro %}
