{#- The moment the logic takes as now, as a UTC timestamp literal. The only way a model may ask for the time. -#}
{% macro as_of() -%}
    {%- set moment = var('as_of') or run_started_at.strftime('%Y-%m-%d %H:%M:%S') -%}
    timestamp '{{ modules.datetime.datetime.fromisoformat(moment | string) }}'
{%- endmacro %}
