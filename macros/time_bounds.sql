{#- Stand-ins for minus and plus infinity that every client can read; intervals are half-open between them. -#}
{% macro beginning_of_time() -%} timestamp '1900-01-01 00:00:00' {%- endmacro %}
{% macro end_of_time() -%} timestamp '9999-12-31 00:00:00' {%- endmacro %}
