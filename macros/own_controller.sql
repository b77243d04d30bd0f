{#- The company whose warehouse this is (setting SAMTYKKE_CONTROLLER): what was said to another permits and forbids it nothing. -#}
{% macro own_controller() -%} '{{ env_var('SAMTYKKE_CONTROLLER', 'company') | replace("'", "''") }}' {%- endmacro %}
