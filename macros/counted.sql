{#- A number with its noun, for people to read: '1 click', '3 clicks'; null where there is none. `noun` takes an s. -#}
{% macro counted(number, noun) -%}
    if({{ number }} > 0, {{ number }} || ' {{ noun }}' || if({{ number }} = 1, '', 's'), null)
{%- endmacro %}
