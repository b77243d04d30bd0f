{#- key_number = identifier_number * this + combination_id: one integer per (identifier, controller, combination). -#}
{% macro combinations_per_identifier() -%} 65536 {%- endmacro %}
