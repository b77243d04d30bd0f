{#- The auditor's second clock as a moment that intervals contain: `known_at`, or the last moment there is. -#}
{% macro latest_known() -%} least({{ known_at() }}, {{ end_of_time() }} - interval 1 second) {%- endmacro %}
