{#- event_rank = identifier_number * this + place among the identifier's events: unique, and the same in every build. -#}
{% macro ranks_per_identifier() -%} 16777216 {%- endmacro %}
