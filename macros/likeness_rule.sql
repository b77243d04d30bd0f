{#- A parameter of the seed likeness_rules, as text. Without the parameter it is null, and whatever is compared with it fails. -#}
{% macro likeness_rule(parameter) -%}
    (select value from {{ ref('likeness_rules') }} where parameter = '{{ parameter }}')
{%- endmacro %}
