{#- Schemas are named as configured, so that dbt relations, Dagster asset keys and BI queries agree. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
