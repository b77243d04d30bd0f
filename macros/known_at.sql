{#- The auditor's second clock: rows loaded after it do not exist. Null means everything loaded so far. -#}
{% macro known_at() -%}
    {%- if var('known_at') -%} timestamp '{{ modules.datetime.datetime.fromisoformat(var('known_at') | string) }}'
    {%- else -%} timestamp 'infinity'
    {%- endif -%}
{%- endmacro %}
